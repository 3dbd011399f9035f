// SPDX-License-Identifier: Apache-2.0
/**
 * Sample files for the entropy estimators, made anew from a name of a few words, always the same:
 * so none has to be kept, and a new name is a file nobody has seen before.
 *
 * @module
 */
import { createCipheriv, createHash } from "node:crypto";

/** What a name says. */
export interface SampleFile {
    /** How the samples come about. */
    kind: keyof typeof KINDS;
    /** Bits of a sample. */
    bits: number;
    /** What the kind takes: a probability, a period. */
    parameter: number;
    /** How many samples. */
    length: number;
}

/** Numbers from AES-128 in counter mode under a key that is the hash of a name. */
class Numbers {
    private readonly cipher;
    private block = Buffer.alloc(0);
    private at = 0;

    constructor(name: string) {
        const key = createHash("sha256").update(name).digest().subarray(0, 16);
        this.cipher = createCipheriv("aes-128-ctr", key, Buffer.alloc(16));
    }

    /** A number from 0 to 1, 1 excluded, with 32 bits. */
    unit(): number {
        if (this.at === this.block.length) {
            this.block = this.cipher.update(Buffer.alloc(65536));
            this.at = 0;
        }
        const value = this.block.readUInt32LE(this.at);
        this.at += 4;
        return value / 2 ** 32;
    }

    /** A whole number below a limit. */
    below(limit: number): number {
        return Math.floor(this.unit() * limit);
    }
}

const WORDS = (
    "the of and to in is that it was for on are with as his they at be this from have or by one " +
    "had not but what all were when we there can an your which their said if do will each about " +
    "how up out them then she many some so these would other into has more her two like him see " +
    "time could no make than first been its who now people my made over did down only way find"
).split(" ");

/** Words by Zipf's law, sentences of up to a dozen of them. */
const text = function (numbers: Numbers, length: number): number[] {
    let written = "";
    while (written.length < length) {
        const count = 3 + numbers.below(9);
        const words = Array.from({ length: count }, () => {
            return WORDS[Math.floor(WORDS.length ** numbers.unit()) - 1] ?? "a";
        });
        const sentence = words.join(" ");
        written += `${sentence[0]?.toUpperCase()}${sentence.slice(1)}. `;
    }
    return [...Buffer.from(written.slice(0, length), "latin1")];
};

/** Makes a sample from its index and the one before it. */
type Next = (index: number, last: number) => number;

/** All kinds: what makes their samples one after the other. */
const KINDS = {
    /** All values alike. */
    uniform: ({ bits }: SampleFile, numbers: Numbers): Next => () => numbers.below(2 ** bits),
    /** Zero with the probability given, the others alike. */
    biased: ({ bits, parameter }: SampleFile, numbers: Numbers): Next => () =>
        numbers.unit() < parameter ? 0 : 1 + numbers.below(2 ** bits - 1),
    /** The value before once more with the probability given, or any. */
    markov: ({ bits, parameter }: SampleFile, numbers: Numbers): Next => (_, last) =>
        numbers.unit() < parameter ? last : numbers.below(2 ** bits),
    /** Chance values that repeat after so many. */
    periodic: ({ bits, parameter }: SampleFile, numbers: Numbers): Next => {
        const period = Array.from({ length: parameter }, () => numbers.below(2 ** bits));
        return (index) => period[index % parameter] ?? 0;
    },
    /** One more each time; with the probability given it stays as it is. */
    counter: ({ bits, parameter }: SampleFile, numbers: Numbers): Next => (_, last) =>
        (last + (numbers.unit() < parameter ? 0 : 1)) % 2 ** bits,
    /** One value. */
    constant: ({ parameter }: SampleFile): Next => () => parameter,
    /** So many of the values, evenly spread from the first to the last. */
    sparse: ({ bits, parameter }: SampleFile, numbers: Numbers): Next => () =>
        Math.floor((numbers.below(parameter) * (2 ** bits - 1)) / (parameter - 1)),
    /** English words. */
    text: ({ length }: SampleFile, numbers: Numbers): Next => {
        const characters = text(numbers, length);
        return (index) => characters[index] ?? 0;
    },
};

/**
 * Reads a name: kind, bits, parameter, length, such as `biased-4-0.75-10000`.
 *
 * @throws Error for a name that is none
 */
export const readName = function (name: string): SampleFile {
    const [kind = "", bits, parameter, length] = name.split("-");
    if (!Object.hasOwn(KINDS, kind)) throw new Error(`no kind of samples: ${name}`);
    return {
        kind: kind as SampleFile["kind"],
        bits: Number(bits), parameter: Number(parameter), length: Number(length),
    };
};

/** The samples that a name stands for, one a byte. */
export const makeSamples = function (name: string): Uint8Array {
    const file = readName(name);
    const next = KINDS[file.kind](file, new Numbers(name));
    const samples = new Uint8Array(file.length);
    let last = 0;
    for (let i = 0; i < file.length; i += 1) samples[i] = last = next(i, last);
    return samples;
};

const names = (kinds: string[], length: number): string[] => kinds.map((k) => `${k}-${length}`);

const LEVELS = [0.55, 0.65, 0.75, 0.9, 0.99];

/** Files of 10,000 samples. */
export const SHORT: string[] = names(
    [
        ...[1, 2, 3, 4, 5, 6, 7, 8].map((bits) => `uniform-${bits}-0`),
        ...[1, 4, 8].flatMap((bits) => LEVELS.map((level) => `biased-${bits}-${level}`)),
        "markov-1-0.8", "markov-2-0.6", "markov-5-0.95", "markov-8-0.5",
        "periodic-1-7", "periodic-3-31", "periodic-8-100",
        "counter-4-0", "counter-8-0", "counter-8-0.2", "counter-1-0",
        "constant-1-0", "constant-8-77",
        "sparse-2-2", "sparse-8-2", "sparse-6-19",
        "text-8-0",
    ],
    10_000,
);

/** Files of the size that SP 800-90B section 3.1.1 asks for. */
export const LONG: string[] = names(
    [
        "uniform-8-0", "uniform-1-0", "biased-4-0.75", "markov-8-0.5", "markov-1-0.8",
        "counter-8-0.2", "periodic-8-100", "text-8-0",
    ],
    1_000_000,
);
