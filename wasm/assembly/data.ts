// SPDX-License-Identifier: Apache-2.0
/** The samples under test, in the forms that SP 800-90B wants them. */

/** As captured, one a byte. */
export let raw: StaticArray<u8> = new StaticArray<u8>(0);

/** Renumbered to 0 … {@link alphabet} − 1 in the order of their values. */
export let symbols: StaticArray<u8> = raw;

/** The captured samples as a string of bits, highest bit first; empty for samples of one bit. */
export let bits: StaticArray<u8> = raw;

/** How many different values occur. */
export let alphabet: i32 = 0;

/** The value behind each symbol. */
export const valueOf: StaticArray<u8> = new StaticArray<u8>(256);

const seen: StaticArray<bool> = new StaticArray<bool>(256);

/** Makes room for samples, and forgets those before. Returns where the host has to put them. */
export function reserve(length: i32): usize {
    bits = symbols = raw = new StaticArray<u8>(length);
    return changetype<usize>(raw);
}

/**
 * Derives the other forms from the samples.
 *
 * The bits are those of the samples as they are, the symbols are renumbered only where values are
 * missing (SP 800-90B sections 3.1.3 and 6.3; the reference tool treats them alike).
 *
 * @param width - bits of a sample
 * @returns the index of the first sample that has more bits, or -1
 */
export function derive(width: i32): i32 {
    const length = raw.length;
    seen.fill(false);
    for (let i = 0; i < length; i++) {
        if (<i32>raw[i] >>> width) return i;
        seen[raw[i]] = true;
    }
    renumber(1 << width);
    if (width > 1) {
        bits = new StaticArray<u8>(length * width);
        let at = 0;
        for (let i = 0; i < length; i++) {
            for (let bit = width - 1; bit >= 0; bit--) bits[at++] = (raw[i] >> <u8>bit) & 1;
        }
    }
    return -1;
}

function renumber(values: i32): void {
    const symbolOf = new StaticArray<u8>(256);
    alphabet = 0;
    for (let value = 0; value < values; value++) {
        if (!seen[value]) continue;
        valueOf[alphabet] = <u8>value;
        symbolOf[value] = <u8>alphabet;
        alphabet += 1;
    }
    symbols = new StaticArray<u8>(raw.length);
    for (let i = 0; i < raw.length; i++) symbols[i] = symbolOf[raw[i]];
}
