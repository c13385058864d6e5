/**
 * A moment (milliseconds since 1970) as the API prints times: RFC 3339, in UTC, with nine digits behind the point, since
 * clients were seen that cut them to six. What is below a millisecond is not known here and stands as zeros.
 */
export function rfc3339Nano(at: number): string {
  return `${new Date(at).toISOString().slice(0, -1)}000000Z`
}

/** Go's zero time, which stands for "never" wherever the API has no null for it. */
export const zeroTime = '0001-01-01T00:00:00Z'
