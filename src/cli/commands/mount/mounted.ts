/** The kind of a mount, where it goes and what the message about it says, from the argument and its flags. */
export interface Wanted {
  readonly type: string
  readonly path: string
  readonly name: string
}

export function wantedMount(
  arg: string,
  kind: string,
  flags: { readonly path: string | undefined; readonly pluginName: string | undefined; readonly pluginVersion: string | undefined },
): Wanted {
  const given = arg.trim()
  const type = given === 'plugin' ? (flags.pluginName ?? '') : given
  const path = flags.path === undefined || flags.path === '' ? type : flags.path
  return {
    type,
    path: path.endsWith('/') || path === '' ? path : `${path}/`,
    name: `${type} ${kind}${flags.pluginVersion === undefined ? '' : ` version ${flags.pluginVersion}`}`,
  }
}
