/**
 * GF(2^8) with the polynomial of AES, x^8 + x^4 + x^3 + x + 1 (FIPS 197, section 4). Addition is exclusive or.
 *
 * One operand of every multiplication may be a byte of a secret, so there are no logarithm tables, whose cache lines would
 * tell which entries were read, and no branch depends on a value: bits become masks.
 */

/** The polynomial without its highest bit, which is shifted out of the byte anyway. */
const REDUCTION = 0x1b

export function multiply(a: number, b: number): number {
  let product = 0
  for (let bit = 7; bit >= 0; bit--) {
    // Horner: times x, reduced when the highest bit goes over; plus a where b has this bit.
    product = ((product << 1) & 0xff) ^ (-(product >> 7) & REDUCTION) ^ (-((b >> bit) & 1) & a)
  }
  return product
}

/** a^254, which is a^-1 for every a but 0, and 0 for 0. */
export function inverse(a: number): number {
  let power = a
  let result = 1
  // 254 = 2 + 4 + … + 128
  for (let i = 0; i < 7; i++) {
    power = multiply(power, power)
    result = multiply(result, power)
  }
  return result
}
