/** One-time passwords: made for a user at an address, and told to the host's agent once. */
import { cidrContains, formatCidr, parseAddress, parseCidr } from '../../../kernel/index.ts'
import { f } from '../../../schema/index.ts'
import { gives, op, route, statefulFamily, type Family, type HandlersOf, type SecretKind } from '../../framework/index.ts'
import { collection, faults, type Collection, type View } from '../../logical/index.ts'
import { passwordKey, type Mount } from './mount.ts'
import { rolesOf, type Role } from './role.ts'
import { zeroAddressRoles } from './zero-address.ts'

/** As kept, `otp/<hmac of the password>`. */
interface Password {
  readonly username: string
  readonly ip: string
  readonly roleName: string
}
const passwordsOf = (view: View): Collection<Password> => collection<Password>(view, 'otp/')

/** What the host's agent says, and hears, to see whether it reaches the server. */
const ECHO = { asked: 'verify-echo-request', answered: 'verify-echo-response' }

const routes = {
  creds: route('creds/{role}', {
    doc: 'One-time passwords for a user at an address.',
    params: { role: f.name('Name of the role.', { at: true }) },
    ops: {
      write: op({
        doc: 'Make a password. It works once, and no longer than its lease.',
        input: { ip: f.string('Address of the host.'), username: f.string("User on the host; the role's default user unless said.") },
        gives: gives.lease({
          ip: f.string('Address of the host.'),
          key: f.string('The password.', { secret: true }),
          key_type: f.string('What it is: `otp`.'),
          port: f.int('Port of SSH on the host.'),
          username: f.string('User on the host.'),
        }),
      }),
    },
  }),
  lookup: route('lookup', {
    doc: 'Which roles make passwords for an address.',
    ops: {
      write: op({
        doc: 'Look for them.',
        input: { ip: f.string('Address of the host.') },
        gives: gives.any('`roles`: their names, or null.'),
      }),
    },
  }),
  verify: route('verify', {
    doc: "For the host's agent: whether a password holds, and for whom.",
    access: 'public',
    ops: {
      write: op({
        doc: 'Use the password up.',
        input: { otp: f.string('The password.', { secret: true }) },
        gives: gives.any('`username`, `ip` and `role_name`; or a `message` in answer to an echo.'),
      }),
    },
  }),
  tidy: route('tidy/dynamic-keys', {
    doc: 'What earlier servers kept for keys that were put onto hosts. There is nothing of it here.',
    ops: { delete: op({ doc: 'Remove it.', gives: gives.data({ message: f.string('What was removed.') }) }) },
  }),
}

/** Whether an address is in one of the blocks. Refused where there are no blocks, or where one is none. */
function isIn(address: string, list: string): boolean {
  if (list === '') throw faults.refused({ why: 'Error validating IP: IP does not belong to role' })
  const from = parseAddress(address)
  for (const item of list.split(',')) {
    const block = parseCidr(item)
    if (block === undefined) throw faults.refused({ why: `Error validating IP: invalid CIDR entry "${item}"` })
    if (from !== undefined && cidrContains(block, from)) return true
  }
  return false
}

function checkAddress(role: Role & { readonly keyType: 'otp' }, address: string): void {
  if (!isIn(address, role.cidrList) || (role.excludeCidrList !== '' && isIn(address, role.excludeCidrList)))
    throw faults.refused({ why: 'Error validating IP: IP does not belong to role' })
}

function userOf(role: Role, wish: string): string {
  if (wish === '' && role.defaultUser === '') throw faults.refused({ why: "No default username registered. Use 'username' option" })
  const username = wish === '' ? role.defaultUser : wish
  if (username === role.defaultUser) return username
  if (role.allowedUsers === '')
    throw faults.refused({ why: 'Username has to be either in allowed users list or has to be a default username' })
  const allowed = role.allowedUsers === '*' || role.allowedUsers.split(',').some(it => it.trim() === username)
  if (!allowed) throw faults.refused({ why: 'Username is not present is allowed users list' })
  return username
}

/** In the form that is compared; undefined when it is no address. */
function addressOf(text: string): string | undefined {
  const address = parseAddress(text)
  return address && formatCidr(address).replace(/\/\d+$/, '')
}

export const otpSecret: SecretKind<Mount> = {
  name: 'otp',
  doc: 'A one-time password.',
  async revoke(mount, internal) {
    const { key } = internal as { readonly key: string }
    await passwordsOf(mount.host.view).delete(key)
  },
}

export const passwords: Family<Mount> = statefulFamily(routes, (mount: Mount): HandlersOf<typeof routes> => ({
  creds: {
    async write({ params, input: { ip: wish = '', username: name = '' }, view }) {
      if (wish === '') throw faults.refused({ why: 'Missing ip' })
      const role = await rolesOf(view).get(params.role)
      if (role === undefined) throw faults.refused({ why: `Role "${params.role}" not found` })
      const username = userOf(role, name)
      const ip = addressOf(wish)
      if (ip === undefined) throw faults.refused({ why: `Invalid IP "${wish}"` })
      if (!((await zeroAddressRoles(view)) ?? []).includes(params.role)) {
        if (role.keyType !== 'otp') throw faults.refused({ why: 'Error validating IP: IP does not belong to role' })
        checkAddress(role, ip)
      }
      if (role.keyType !== 'otp') throw faults.failedAs({ why: 'key type unknown' })
      const password = mount.host.random.uuid()
      const key = await view.transact(async tx => {
        const at = await passwordKey(mount, tx, password)
        await passwordsOf(tx).put(at, { username, ip, roleName: params.role })
        return at
      })
      return {
        is: 'lease',
        data: { ip, key: password, keyType: 'otp', port: role.port, username },
        secret: { kind: 'otp', internal: { key }, renewable: false },
      }
    },
  },
  lookup: {
    async write({ input: { ip = '' }, view }) {
      if (ip === '') throw faults.refused({ why: 'Missing ip' })
      const address = addressOf(ip)
      if (address === undefined) throw faults.refused({ why: 'Invalid IP "<nil>"' })
      const found: string[] = []
      for (const name of await rolesOf(view).names()) {
        const role = await rolesOf(view).get(name)
        if (role?.keyType === 'otp' && role.cidrList !== '' && isIn(address, role.cidrList)) found.push(name)
      }
      found.push(...((await zeroAddressRoles(view)) ?? []))
      return { is: 'any', data: { roles: found.length === 0 ? null : found } }
    },
  },
  verify: {
    async write({ input: { otp = '' }, view }) {
      if (otp === ECHO.asked) return { is: 'any', data: { message: ECHO.answered } }
      const used = await view.transact(async tx => {
        const key = await passwordKey(mount, tx, otp)
        const password = await passwordsOf(tx).get(key)
        if (password !== undefined) await passwordsOf(tx).delete(key)
        return password
      })
      if (used === undefined) throw faults.refused({ why: 'OTP not found' })
      return { is: 'any', data: { ip: used.ip, role_name: used.roleName, username: used.username } }
    },
  },
  tidy: {
    async delete() {
      return { is: 'data', data: { message: 'Removed 0 of 0 host keys.' } }
    },
  },
}))
