// @ts-check
// SPDX-License-Identifier: Apache-2.0
/**
 * What the set-up says while it works: one line per step, one sentence when it fails.
 */

const out = process.stdout;
const PREFIX = "set-up: ";

/** A failure that the reader can do something about; the message is one whole sentence. */
export class SetupError extends Error {}

/** A step whose line has been begun and not ended; at most one at a time. */
let openLine = false;

/**
 * Prints one line.
 * @param {string} text
 */
export function say(text) {
    endOpenLine();
    out.write(`${PREFIX}${text}\n`);
}

/** Ends a begun line, so that what is printed next starts on its own. */
export function endOpenLine() {
    if (openLine) {
        out.write("\n");
    }
    openLine = false;
}

/**
 * Begins the line of a step that takes a while.
 * @param {string} text What is being done.
 */
export function startStep(text) {
    endOpenLine();
    const started = performance.now();
    const begin = `${PREFIX}${text} … `;
    out.write(begin);
    openLine = true;
    return {
        /**
         * Shows how far the step has come, where somebody watches.
         * @param {string} detail
         */
        update(detail) {
            if (out.isTTY && openLine) {
                out.write(`\r\x1b[K${`${begin}${detail}`.slice(0, out.columns - 1)}`);
            }
        },
        /**
         * Ends the line.
         * @param {string} detail The outcome.
         */
        done(detail) {
            const seconds = (performance.now() - started) / 1000;
            const time = seconds < 1 ? "" : ` in ${seconds.toFixed(1)} s`;
            const again = out.isTTY ? `\r\x1b[K${begin}` : "";
            out.write(`${openLine ? again : begin}${detail}${time}\n`);
            openLine = false;
        },
    };
}

/**
 * A number of bytes for people: `5.2 MB` (millions of bytes, as package tools print them).
 * @param {number} bytes
 */
export function megabytes(bytes) {
    return `${(bytes / 1e6).toFixed(1)} MB`;
}

/**
 * Words joined as in a sentence: `a, b and c`.
 * @param {string[]} words
 */
export function list(words) {
    if (words.length < 2) {
        return words.join("");
    }
    return `${words.slice(0, -1).join(", ")} and ${words[words.length - 1]}`;
}
