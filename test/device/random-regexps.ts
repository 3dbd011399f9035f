// SPDX-License-Identifier: Apache-2.0
/**
 * Random regular expressions of those that the check accepts, applied to random texts: what is
 * accepted must mean the same on every engine.
 */
import { check } from "./tools.ts";

/** Numbers that look random and are the same in every run. */
class Dice {
    private state: number;

    constructor(seed: number) {
        this.state = seed;
    }

    /** 0 to `sides - 1`. */
    roll(sides: number): number {
        this.state = (Math.imul(this.state, 1664525) + 1013904223) >>> 0;
        return Math.floor((this.state / 2 ** 32) * sides);
    }

    pick(choices: readonly string[]): string {
        return choices[this.roll(choices.length)] ?? "";
    }

    /** Some picks in a row. */
    some(most: number, choices: readonly string[]): string {
        return Array.from({ length: this.roll(most + 1) }, () => this.pick(choices)).join("");
    }
}

const CLASSES = ["a", "b", "c", "[ab]", "[^a]", "[a-c]", "\\w", "\\s", "[^ ,]", "\\d",
    "[\\x80-\\xff]"];
const REPEATED = CLASSES.flatMap((one) => [one, one, `${one}*`, `${one}+`]);
const CHARACTERS = ["a", "b", "c", "B", " ", ",", "1", "\\x80", "\\n"];

const pattern = function (dice: Dice): string {
    const alternatives = Array.from({ length: dice.roll(4) === 0 ? 2 : 1 }, () => {
        const group = dice.roll(2) === 0 ? `(${dice.some(2, REPEATED)})` : "";
        const tail = dice.some(2, REPEATED) + dice.pick(["", "$"]);
        return dice.pick(["", "", "^"]) + dice.some(2, REPEATED) + group + tail;
    });
    return `/${alternatives.join("|") || "a"}/${dice.pick(["", "", "i"])}`;
};

const use = function (dice: Dice): string {
    const regexp = pattern(dice);
    const text = `"${dice.some(8, CHARACTERS)}"`;
    switch (dice.roll(4)) {
        case 0:
            return `${regexp}.exec(${text})`;
        case 1:
            return `${text}.replace(${regexp}g, "<>")`;
        case 2:
            return `${text}.split(${regexp})`;
        default:
            return `${regexp}.test(${text})`;
    }
};

/** Expressions in JavaScript that the check accepts. */
export const randomUses = function (seed: number, count: number): string[] {
    const dice = new Dice(seed);
    const uses: string[] = [];
    while (uses.length < count) {
        const expression = use(dice);
        if (check(`exports.result = ${expression};`).length === 0) {
            uses.push(expression);
        }
    }
    return uses;
};
