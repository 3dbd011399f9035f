// SPDX-License-Identifier: Apache-2.0
/**
 * The code lengths that bzip2 chooses for a block's symbols, for {@link compressedSize}.
 *
 * Which of several best codes is taken, and how much the descriptions of the codes cost, decides
 * the length of the output; so the rules are those of bzip2 1.0.8 and its format, step by step.
 */

/** Codes are at most so long. */
const LONGEST = 17;
/** As many symbols use the same code. */
const GROUP = 50;
const MOST_CODES = 6;
const MOST_SYMBOLS = 258;
/** How often codes and groups are fitted to each other. */
const ROUNDS = 4;

/** Symbols by weight, the least first; the weight's low byte is the depth of the tree below. */
class Heap {
    readonly weights: StaticArray<i32> = new StaticArray<i32>(2 * MOST_SYMBOLS + 2);
    size: i32 = 0;
    private readonly nodes: StaticArray<i32> = new StaticArray<i32>(MOST_SYMBOLS + 2);

    push(node: i32): void {
        const nodes = this.nodes;
        const weights = this.weights;
        this.size += 1;
        let at = this.size;
        while (at > 1 && weights[node] < weights[nodes[at >>> 1]]) {
            nodes[at] = nodes[at >>> 1];
            at >>>= 1;
        }
        nodes[at] = node;
    }

    pop(): i32 {
        const nodes = this.nodes;
        const weights = this.weights;
        const least = nodes[1];
        const node = nodes[this.size];
        this.size -= 1;
        let at = 1;
        while (at * 2 <= this.size) {
            let child = at * 2;
            if (child < this.size && weights[nodes[child + 1]] < weights[nodes[child]]) child += 1;
            if (weights[node] < weights[nodes[child]]) break;
            nodes[at] = nodes[child];
            at = child;
        }
        nodes[at] = node;
        return least;
    }
}

const heap = new Heap();
const parents = new StaticArray<i32>(2 * MOST_SYMBOLS + 2);

/** The weight of a node above two others. */
function joined(a: i32, b: i32): i32 {
    return ((a & ~0xff) + (b & ~0xff)) | (1 + max(a & 0xff, b & 0xff));
}

/** One Huffman tree. Returns the length of its longest code. */
function buildTree(lengths: StaticArray<i32>, symbols: i32): i32 {
    const weights = heap.weights;
    heap.size = 0;
    for (let symbol = 0; symbol < symbols; symbol++) heap.push(symbol);
    let node = symbols;
    for (; heap.size > 1; node++) {
        const a = heap.pop();
        const b = heap.pop();
        parents[a] = parents[b] = node;
        weights[node] = joined(weights[a], weights[b]);
        heap.push(node);
    }
    let longest = 0;
    for (let symbol = 0; symbol < symbols; symbol++) {
        let length = 0;
        for (let up = symbol; up != node - 1; up = parents[up]) length += 1;
        lengths[symbol] = length;
        longest = max(longest, length);
    }
    return longest;
}

/** Code lengths for frequencies; those are flattened until no code is too long. */
function fitCode(lengths: StaticArray<i32>, frequencies: StaticArray<i32>, symbols: i32): void {
    const weights = heap.weights;
    const scaled = new StaticArray<i32>(symbols);
    for (let i = 0; i < symbols; i++) scaled[i] = max(1, frequencies[i]);
    do {
        for (let i = 0; i < symbols; i++) {
            weights[i] = scaled[i] << 8;
            scaled[i] = 1 + scaled[i] / 2;
        }
    } while (buildTree(lengths, symbols) > LONGEST);
}

function tables(count: i32, symbols: i32): StaticArray<StaticArray<i32>> {
    const made = new StaticArray<StaticArray<i32>>(count);
    for (let i = 0; i < count; i++) made[i] = new StaticArray<i32>(symbols);
    return made;
}

/** The codes of one block. */
export class Codes {
    private readonly lengths: StaticArray<StaticArray<i32>>;
    private readonly frequencies: StaticArray<StaticArray<i32>>;
    private readonly chosen: StaticArray<i32>;
    private readonly symbols: i32;
    private readonly used: StaticArray<u16>;
    private readonly count: i32;

    /**
     * @param used - the symbols in their order
     * @param count - how many there are
     * @param symbols - the size of their alphabet
     */
    constructor(used: StaticArray<u16>, count: i32, symbols: i32) {
        this.used = used;
        this.count = count;
        this.symbols = symbols;
        const codes = count < 200 ? 2 : count < 600 ? 3 : count < 1200 ? 4 : count < 2400 ? 5 : 6;
        this.lengths = tables(codes, symbols);
        this.frequencies = tables(codes, symbols);
        this.chosen = new StaticArray<i32>((count + GROUP - 1) / GROUP);
        this.start();
        for (let round = 0; round < ROUNDS; round++) this.fit();
    }

    /** Shares the alphabet out to the codes, so that each has about as many uses. */
    private start(): void {
        const totals = new StaticArray<i32>(this.symbols);
        for (let i = 0; i < this.count; i++) totals[this.used[i]] += 1;
        const codes = this.lengths.length;
        let left = this.count;
        let from = 0;
        for (let part = codes; part > 0; part--) {
            const target = left / part;
            let to = from - 1;
            let sum = 0;
            while (sum < target && to < this.symbols - 1) sum += totals[++to];
            if (to > from && part != codes && part != 1 && (codes - part) % 2 == 1) {
                sum -= totals[to--];
            }
            const lengths = this.lengths[part - 1];
            for (let i = 0; i < this.symbols; i++) lengths[i] = i >= from && i <= to ? 0 : 15;
            from = to + 1;
            left -= sum;
        }
    }

    /** Chooses the best code for every group, then fits each code to its groups. */
    private fit(): void {
        const codes = this.lengths.length;
        for (let code = 0; code < codes; code++) this.frequencies[code].fill(0);
        for (let group = 0; group < this.chosen.length; group++) {
            const from = group * GROUP;
            const to = min(from + GROUP, this.count);
            let best = 0;
            let least = i32.MAX_VALUE;
            for (let code = 0; code < codes; code++) {
                const cost = this.cost(code, from, to);
                if (cost < least) {
                    least = cost;
                    best = code;
                }
            }
            this.chosen[group] = best;
            const frequencies = this.frequencies[best];
            for (let i = from; i < to; i++) frequencies[this.used[i]] += 1;
        }
        for (let code = 0; code < codes; code++) {
            fitCode(this.lengths[code], this.frequencies[code], this.symbols);
        }
    }

    private cost(code: i32, from: i32, to: i32): i32 {
        const lengths = this.lengths[code];
        const used = this.used;
        let bits = 0;
        for (let i = from; i < to; i++) bits += lengths[used[i]];
        return bits;
    }

    /** All bits of codes, choices and symbols in the output. */
    size(): i32 {
        let bits = 3 + 15;
        for (let code = 0; code < this.lengths.length; code++) {
            const lengths = this.lengths[code];
            bits += 5;
            for (let i = 0; i < this.symbols; i++) {
                bits += 1 + (i > 0 ? 2 * abs(lengths[i] - lengths[i - 1]) : 0);
            }
        }
        const places: StaticArray<i32> = [0, 1, 2, 3, 4, 5]; // moved to front: the last one chosen
        for (let group = 0; group < this.chosen.length; group++) {
            const code = this.chosen[group];
            let place = 0;
            while (places[place] != code) place += 1;
            for (let i = place; i > 0; i--) places[i] = places[i - 1];
            places[0] = code;
            bits += place + 1;
            bits += this.cost(code, group * GROUP, min((group + 1) * GROUP, this.count));
        }
        return bits;
    }
}
