// SPDX-License-Identifier: Apache-2.0
/**
 * Text for people: colours where a terminal shows them, numbers, and bytes of strangers made
 * harmless.
 *
 * @module
 */

/** Where text goes, as far as it matters for its looks. */
export interface Screen {
    isTTY?: boolean | undefined;
}

/** Puts a text into a look. */
export type Paint = (text: string) => string;

/** The looks in use. */
export interface Paints {
    bold: Paint;
    dim: Paint;
    green: Paint;
    red: Paint;
}

/** Paints for a stream: none unless it is a terminal, and none with NO_COLOR (no-color.org). */
export const paintsFor = function (stream: Screen): Paints {
    const plain = !stream.isTTY || !!process.env["NO_COLOR"] || process.env["TERM"] === "dumb";
    const paint = function (on: number, off: number): Paint {
        return (text) => (plain ? text : `\x1b[${on}m${text}\x1b[${off}m`);
    };
    return { bold: paint(1, 22), dim: paint(2, 22), green: paint(32, 39), red: paint(31, 39) };
};

/** A number with commas: `524,288`. */
export const grouped = function (value: number): string {
    return value.toLocaleString("en-US");
};

/** `1 byte`, `2,048 bytes`. */
export const bytes = function (count: number): string {
    return `${grouped(count)} ${count === 1 ? "byte" : "bytes"}`;
};

/** A text in lines of at most so many columns; a word that is longer has a line of its own. */
export const wrapped = function (text: string, width: number): string[] {
    return (text.match(new RegExp(`.{1,${width}}(?= |$)|\\S+`, "g")) ?? []).map((line) => line.trim());
};

/** Milliseconds with as many digits as matter: `0.4 ms`, `12 ms`, `3.21 s`. */
export const duration = function (ms: number): string {
    if (ms >= 1000) return `${(ms / 1000).toFixed(2)} s`;
    return `${ms.toFixed(ms < 10 ? 1 : 0)} ms`;
};

/**
 * What a peer sent, as text that cannot move the cursor: UTF-8 where its bytes are such, control
 * characters as `\x1b`.
 */
export const harmless = function (binary: string): string {
    const text = /[^\0-\xff]/.test(binary) ? binary : decode(binary);
    return text.replace(
        /[\0-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g,
        (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, "0")}`,
    );
};

const decode = function (binary: string): string {
    const data = Buffer.from(binary, "latin1");
    const text = data.toString("utf8");
    return text.includes("\ufffd") ? binary : text;
};
