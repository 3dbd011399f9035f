// SPDX-License-Identifier: Apache-2.0
/** The dictionaries of SP 800-90B sections 6.3.9 and 6.3.10 for alphabets of more than two. */

/** A map from pairs (node, symbol) to numbers above 0, by open addressing. */
class PairMap {
    private keys: StaticArray<u32> = new StaticArray<u32>(1 << 16);
    private values: StaticArray<i32> = new StaticArray<i32>(1 << 16);
    private size: i32 = 0;

    /** The place of a pair, or the free one where it belongs. */
    @inline
    private place(key: u32): i32 {
        const mask = this.keys.length - 1;
        let at = <i32>((key * 0x9e3779b1) >>> 8) & mask;
        while (this.keys[at] != key && this.keys[at] != 0) at = (at + 1) & mask;
        return at;
    }

    /** The number of a pair, 0 if it has none. */
    get(node: i32, symbol: u8): i32 {
        return this.values[this.place(((<u32>node << 8) | symbol) + 1)];
    }

    /** Gives a pair a number. */
    set(node: i32, symbol: u8, value: i32): void {
        const key = ((<u32>node << 8) | symbol) + 1;
        const at = this.place(key);
        this.values[at] = value;
        if (this.keys[at] == key) return;
        this.keys[at] = key;
        this.size += 1;
        if (this.size * 2 > this.keys.length) this.grow();
    }

    private grow(): void {
        const keys = this.keys;
        const values = this.values;
        this.keys = new StaticArray<u32>(keys.length * 2);
        this.values = new StaticArray<i32>(keys.length * 2);
        for (let i = 0; i < keys.length; i++) {
            if (keys[i] == 0) continue;
            const at = this.place(keys[i]);
            this.keys[at] = keys[i];
            this.values[at] = values[i];
        }
    }
}

/**
 * Contexts, as a tree: a node's children stand for the same samples with one more before them.
 * Each counts what followed it. Nodes are numbered from 0, the empty context; a context is in the
 * dictionary once something was counted for it.
 */
export class ContextTree {
    private readonly children: PairMap = new PairMap();
    private readonly counts: PairMap = new PairMap();
    /** The count of the most common follower, and that follower; of several the highest. */
    private best: StaticArray<i32> = new StaticArray<i32>(1 << 16);
    private prediction: StaticArray<u8> = new StaticArray<u8>(1 << 16);
    private nodes: i32 = 1;

    /** The node of the context with one more sample before it, 0 if there is none. */
    @inline
    child(node: i32, symbol: u8): i32 {
        return this.children.get(node, symbol);
    }

    /** The same, but one that is in the dictionary. */
    find(node: i32, symbol: u8): i32 {
        const child = this.child(node, symbol);
        return this.best[child] > 0 ? child : 0;
    }

    /** The same, with a node being made where there is none. */
    extend(node: i32, symbol: u8): i32 {
        const child = this.child(node, symbol);
        if (child != 0) return child;
        const fresh = this.nodes;
        this.nodes = fresh + 1;
        if (fresh == this.best.length) this.grow();
        this.children.set(node, symbol, fresh);
        return fresh;
    }

    /** How often the predicted symbol followed. */
    @inline
    countOf(node: i32): i32 {
        return this.best[node];
    }

    /** The symbol that followed most often. */
    @inline
    predictionOf(node: i32): u8 {
        return this.prediction[node];
    }

    /**
     * Counts a symbol that followed a context.
     *
     * @param add - whether a symbol that has not followed it before is counted, too
     * @returns whether it was such a symbol and was counted
     */
    count(node: i32, symbol: u8, add: bool): bool {
        const before = this.counts.get(node, symbol);
        if (before == 0 && !add) return false;
        const count = before + 1;
        this.counts.set(node, symbol, count);
        const best = this.best[node];
        if (count > best || (count == best && symbol > this.prediction[node])) {
            this.best[node] = count;
            this.prediction[node] = symbol;
        }
        return before == 0;
    }

    private grow(): void {
        const best = this.best;
        const prediction = this.prediction;
        this.best = new StaticArray<i32>(best.length * 2);
        this.prediction = new StaticArray<u8>(best.length * 2);
        for (let i = 0; i < best.length; i++) {
            this.best[i] = best[i];
            this.prediction[i] = prediction[i];
        }
    }
}
