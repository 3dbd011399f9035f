// SPDX-License-Identifier: Apache-2.0
/**
 * The chips whose flash Espruino's own firmware maps into memory, so that an image can be executed
 * from it.
 *
 * @module
 */
import { makeError } from "../../modules/errors.ts";

/** A chip, and where Espruino's firmware for the Raspberry Pi's boards has its Storage. */
export interface Chip {
    /** Of its images. */
    name: string;
    /** What users call the board. */
    board: string;
    /** What the command line calls its boot drive. */
    drive: string;
    /** Of Storage: the address of its first byte, and how many they are (`saved_code` in Espruino's boards/*.py). */
    storage: { address: number; size: number };
    /** The family of its UF2 files (github.com/microsoft/uf2, utils/uf2families.json). */
    family: number;
}

/** All of them. */
export const CHIPS: readonly Chip[] = [
    {
        name: "rp2040", board: "Raspberry Pi Pico", drive: "pico", family: 0xe48bff56,
        storage: { address: 0x101c0000, size: 0x40000 },
    },
    {
        name: "rp2350", board: "Raspberry Pi Pico 2", drive: "pico2", family: 0xe48bff59,
        storage: { address: 0x10100000, size: 0x300000 },
    },
];

/** The chips that have a port, and which boards have them, by Espruino's names. */
export const BOARDS: readonly [chip: string, pattern: RegExp][] = [
    ["rp2040", /rp2040/i],
    ["rp2350", /rp2350/i],
    ["stm32f4", /^(PICO_R1_3|PICO_R1_4|ESPRUINOWIFI|STM32F4[01]1)/],
];

/** The name of the chip of a board; undefined when the board's name tells none. */
export const chipNameOf = function (board: string): string | undefined {
    return BOARDS.find(([, pattern]) => pattern.test(board))?.[0];
};

/** The chip of a board whose images can be executed from its Storage. @throws TlsError `ETLS_BOARD` when there is no image for it */
export const chipOf = function (board: string): Chip {
    const of = chipNameOf(board);
    const chip = CHIPS.find(({ name }) => name === of);
    if (chip === undefined) {
        const names = CHIPS.map(({ name }) => name).join(" and ");
        throw makeError("ETLS_BOARD", `there is no image for the board ${board}; there are some for the chips ${names}`);
    }
    return chip;
};
