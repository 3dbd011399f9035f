// SPDX-License-Identifier: Apache-2.0
/**
 * Suffix arrays by induced sorting: G. Nong, S. Zhang, W. H. Chan, "Linear Suffix Array
 * Construction by Almost Pure Induced-Sorting", DCC 2009. Linear in time; a suffix that is the
 * beginning of another one comes first.
 */

/** One text, its suffixes' types and its buckets: what the passes over it share. */
class Sorter<T> {
    readonly sorted: StaticArray<i32>;
    /** Whether a suffix is smaller than the next one (type S); the others are of type L. */
    readonly small: StaticArray<bool>;
    /** Where in `sorted` the L and the S suffixes of a letter begin. */
    private readonly largeStart: StaticArray<i32>;
    private readonly smallStart: StaticArray<i32>;
    private readonly next: StaticArray<i32>;
    private readonly text: StaticArray<T>;
    private readonly length: i32;

    constructor(text: StaticArray<T>, length: i32, letters: i32) {
        this.text = text;
        this.length = length;
        this.sorted = new StaticArray<i32>(length);
        this.small = new StaticArray<bool>(length);
        this.largeStart = new StaticArray<i32>(letters + 1);
        this.smallStart = new StaticArray<i32>(letters + 1);
        this.next = new StaticArray<i32>(letters + 1);
        const small = this.small;
        for (let i = length - 2; i >= 0; i--) {
            small[i] = text[i] == text[i + 1] ? small[i + 1] : text[i] < text[i + 1];
        }
        const large = this.largeStart;
        for (let i = 0; i < length; i++) {
            if (small[i]) large[<i32>text[i] + 1] += 1;
            else this.smallStart[<i32>text[i]] += 1;
        }
        for (let letter = 0; letter <= letters; letter++) {
            this.smallStart[letter] += large[letter];
            if (letter < letters) large[letter + 1] += this.smallStart[letter];
        }
    }

    /** Whether a leftmost suffix of type S stands at an index. */
    isLeftmost(index: i32): bool {
        return index > 0 && this.small[index] && !this.small[index - 1];
    }

    /** Sorts all suffixes (or what the leftmost S suffixes span) from those in `order`. */
    induce(order: StaticArray<i32>, count: i32): void {
        const text = this.text;
        const sorted = this.sorted;
        const next = this.next;
        const length = this.length;
        sorted.fill(-1);
        this.rewind(this.smallStart);
        for (let i = 0; i < count; i++) {
            const letter = <i32>text[order[i]];
            sorted[next[letter]] = order[i];
            next[letter] += 1;
        }
        this.rewind(this.largeStart);
        this.placeLarge(length - 1);
        for (let i = 0; i < length; i++) {
            const at = sorted[i] - 1;
            if (at >= 0 && !this.small[at]) this.placeLarge(at);
        }
        this.rewind(this.largeStart);
        for (let i = length - 1; i >= 0; i--) {
            const at = sorted[i] - 1;
            if (at >= 0 && this.small[at]) this.placeSmall(at);
        }
    }

    @inline
    private placeLarge(at: i32): void {
        const letter = <i32>this.text[at];
        const place = this.next[letter];
        this.sorted[place] = at;
        this.next[letter] = place + 1;
    }

    /** The S suffixes of a letter end where the L suffixes of the next one begin. */
    @inline
    private placeSmall(at: i32): void {
        const end = <i32>this.text[at] + 1;
        const place = this.next[end] - 1;
        this.sorted[place] = at;
        this.next[end] = place;
    }

    private rewind(starts: StaticArray<i32>): void {
        for (let letter = 0; letter < starts.length; letter++) this.next[letter] = starts[letter];
    }
}

/** Whether two spans between leftmost S suffixes, the second one ending at `end`, are the same. */
function sameSpan<T>(text: StaticArray<T>, a: i32, endA: i32, b: i32, endB: i32): bool {
    if (endA - a != endB - b || endA == text.length || endB == text.length) return false;
    while (a <= endA) if (text[a++] != text[b++]) return false;
    return true;
}

/**
 * Sorts the suffixes of the first `length` letters of a text.
 *
 * @param letters - every letter is below this
 * @returns where the suffixes begin, in their order
 */
export function suffixArray<T>(text: StaticArray<T>, length: i32, letters: i32): StaticArray<i32> {
    const sorter = new Sorter<T>(text, length, letters);
    const sorted = sorter.sorted;
    let count = 0;
    for (let i = 1; i < length; i++) if (sorter.isLeftmost(i)) count += 1;
    const leftmost = new StaticArray<i32>(count);
    for (let i = 1, at = 0; i < length; i++) if (sorter.isLeftmost(i)) leftmost[at++] = i;
    sorter.induce(leftmost, count);
    if (count < 2) return sorted;

    // Name the spans in their order, equal ones alike. Two spans never begin side by side, so half
    // the index is a place for the name.
    const names = new StaticArray<i32>((length + 1) >>> 1);
    const ends = new StaticArray<i32>((length + 1) >>> 1);
    for (let i = 0; i < count; i++) {
        ends[leftmost[i] >>> 1] = i + 1 < count ? leftmost[i + 1] : length;
    }
    let name = -1;
    let last = -1;
    for (let i = 0; i < length; i++) {
        const at = sorted[i];
        if (!sorter.isLeftmost(at)) continue;
        const end = ends[at >>> 1];
        if (last < 0 || !sameSpan<T>(text, last, ends[last >>> 1], at, end)) name += 1;
        names[at >>> 1] = name;
        last = at;
    }
    const reduced = new StaticArray<i32>(count);
    for (let i = 0; i < count; i++) reduced[i] = names[leftmost[i] >>> 1];
    const order = suffixArray<i32>(reduced, count, name + 1);
    for (let i = 0; i < count; i++) reduced[i] = leftmost[order[i]];
    sorter.induce(reduced, count);
    return sorted;
}
