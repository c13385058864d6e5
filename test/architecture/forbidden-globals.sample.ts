/** What forbidden-globals.test.ts must find. Never run. */
export function sample(): readonly unknown[] {
  console.log('x')
  return [new Date(), Date.now(), Math.random(), process.env['HOME'], new Date(0), process.pid]
}
