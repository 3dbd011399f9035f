// SPDX-License-Identifier: Apache-2.0
import { BitContexts } from "./bit_contexts";
import { ContextTree } from "./context_tree";
import { NOT_APPLICABLE } from "./numeric";
import { Score } from "./prediction";

/** The longest context, in samples. */
const DEPTH = 16;
/** Contexts that the dictionary takes; what follows them is counted without limit. */
const MOST = 65536;

/**
 * The LZ78Y prediction estimate, SP 800-90B section 6.3.10: of the contexts that end here, that
 * one predicts whose most common follower has the highest count; of several the longest.
 */
export function lz78y(data: StaticArray<u8>, alphabet: i32): f64 {
    if (data.length < DEPTH + 3) return NOT_APPLICABLE;
    const score = new Score();
    if (alphabet == 2) predictBits(data, score);
    else predict(data, score);
    return score.estimate(data.length - DEPTH - 1, alphabet);
}

/** Adds a context of samples that end before an index, followed by the one there. */
function add(tree: ContextTree, data: StaticArray<u8>, index: i32, length: i32): void {
    let node = 0;
    for (let i = 1; i <= length; i++) node = tree.extend(node, data[index - i]);
    tree.count(node, data[index], true);
}

function predict(data: StaticArray<u8>, score: Score): void {
    const tree = new ContextTree();
    const nodes = new StaticArray<i32>(DEPTH + 1);
    let size = 0;
    for (; size < DEPTH; size++) add(tree, data, DEPTH, size + 1);
    for (let i = DEPTH + 1; i < data.length; i++) {
        const symbol = data[i];
        let prediction = -1;
        let most = 0;
        // A context is only there if the shorter ones are, but for those at which it became full.
        let node = 0;
        for (let length = 1; length <= DEPTH; length++) {
            node = tree.child(node, data[i - length]);
            nodes[length] = node;
            if (node == 0) {
                for (let rest = length + 1; rest <= DEPTH; rest++) nodes[rest] = 0;
                break;
            }
        }
        for (let length = DEPTH; length > 0; length--) {
            const context = nodes[length];
            const count = tree.countOf(context);
            if (count > 0) {
                if (count > most) {
                    most = count;
                    prediction = <i32>tree.predictionOf(context);
                }
                tree.count(context, symbol, true);
            } else if (size < MOST) {
                add(tree, data, i, length);
                size += 1;
            }
        }
        score.count(prediction == <i32>symbol);
    }
}

function predictBits(data: StaticArray<u8>, score: Score): void {
    const contexts = new BitContexts();
    let history: u32 = 0;
    for (let i = 0; i < DEPTH; i++) history = (history << 1) | data[i];
    let size = 0;
    for (; size < DEPTH; size++) {
        contexts.count(BitContexts.name(history, size + 1), data[DEPTH]);
    }
    for (let i = DEPTH + 1; i < data.length; i++) {
        history = (history << 1) | data[i - 1];
        const bit = data[i];
        let prediction = -1;
        let most = 0;
        for (let length = DEPTH; length > 0; length--) {
            const name = BitContexts.name(history, length);
            const guess = contexts.predictionOf(name);
            const count = contexts.get(name, guess);
            if (count > most) {
                most = count;
                prediction = guess;
            }
            if (count == 0) {
                if (size >= MOST) continue;
                size += 1;
            }
            contexts.count(name, bit);
        }
        score.count(prediction == <i32>bit);
    }
}
