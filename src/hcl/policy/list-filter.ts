/** What the server would say against a list filter; undefined when it accepts it. */
export function checkFilterTemplate(template: string, path: string): string | undefined {
  return template.includes('.key') || path === ''
    ? undefined
    : 'list_scan_response_keys_filter_path resulted in same path for two different keys'
}
