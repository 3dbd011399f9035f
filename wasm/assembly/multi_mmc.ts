// SPDX-License-Identifier: Apache-2.0
import { BitContexts } from "./bit_contexts";
import { ContextTree } from "./context_tree";
import { NOT_APPLICABLE } from "./numeric";
import { Score } from "./prediction";

/** The longest context, in samples. */
const DEPTH = 16;
/** Pairs of a context and its follower that each length may have. */
const MOST = 100000;

/**
 * The multi Markov model with counting (MultiMMC) prediction estimate, SP 800-90B section 6.3.9.
 *
 * Sixteen models predict what most often followed the last 1 … 16 samples; the one that was right
 * most often is believed. Where that one knows no such context, no prediction is made, and as in
 * the reference tool a run of right ones is not broken by it.
 */
export function multiMarkovModel(data: StaticArray<u8>, alphabet: i32): f64 {
    if (data.length <= DEPTH + 1) return NOT_APPLICABLE;
    const models = new Models();
    if (alphabet == 2) models.predictBits(data);
    else models.predict(data);
    return models.score.estimate(data.length - 2, alphabet);
}

class Models {
    readonly score: Score = new Score();
    /** How often each model was right. */
    private readonly right: StaticArray<i32> = new StaticArray<i32>(DEPTH);
    private readonly entries: StaticArray<i32> = new StaticArray<i32>(DEPTH).fill(1);
    /** Models above this one take no new entries. */
    private open: i32 = DEPTH - 1;
    private winner: i32 = 0;

    predict(data: StaticArray<u8>): void {
        const tree = new ContextTree();
        for (let model = 0; model < DEPTH; model++) {
            let node = 0;
            for (let i = model; i >= 0; i--) node = tree.extend(node, data[i]);
            tree.count(node, data[model + 1], true);
        }
        for (let i = 2; i < data.length; i++) {
            const believed = this.winner;
            const symbol = data[i];
            let node = 0;
            let known = true;
            for (let model = 0; model < DEPTH && model <= i - 2; model++) {
                const before = data[i - model - 1];
                const context = known ? tree.find(node, before) : 0;
                known = context != 0;
                if (known) {
                    node = context;
                    this.judge(model, believed, tree.predictionOf(node) == symbol);
                    if (tree.count(node, symbol, this.hasRoom(model))) this.enter(model);
                } else {
                    if (model > this.open) break;
                    node = tree.extend(node, before);
                    if (!this.hasRoom(model)) continue;
                    tree.count(node, symbol, true);
                    this.enter(model);
                }
            }
        }
    }

    predictBits(data: StaticArray<u8>): void {
        const contexts = new BitContexts();
        let history: u32 = 0;
        for (let model = 0; model < DEPTH; model++) {
            history = (history << 1) | data[model];
            contexts.count(BitContexts.name(history, model + 1), data[model + 1]);
        }
        history = data[0];
        for (let i = 2; i < data.length; i++) {
            history = (history << 1) | data[i - 1];
            const believed = this.winner;
            const bit = data[i];
            for (let model = 0; model < DEPTH && model <= i - 2; model++) {
                const name = BitContexts.name(history, model + 1);
                const count = contexts.get(name, bit);
                const known = (count | contexts.get(name, bit ^ 1)) != 0;
                if (known) this.judge(model, believed, contexts.predictionOf(name) == bit);
                if (count == 0) {
                    if (!this.hasRoom(model)) continue;
                    this.enter(model);
                }
                contexts.count(name, bit);
            }
        }
    }

    /** Takes the outcome of a model's prediction. */
    @inline
    private judge(model: i32, believed: i32, correct: bool): void {
        if (model == believed) this.score.count(correct);
        if (!correct) return;
        const right = this.right[model] + 1;
        this.right[model] = right;
        if (right >= this.right[this.winner]) this.winner = model;
    }

    @inline
    private hasRoom(model: i32): bool {
        return this.entries[model] < MOST;
    }

    private enter(model: i32): void {
        this.entries[model] += 1;
        while (this.open >= 0 && !this.hasRoom(this.open)) this.open -= 1;
    }
}
