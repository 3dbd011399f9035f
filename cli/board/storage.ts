// SPDX-License-Identifier: Apache-2.0
/**
 * Files in a board's Storage: written in pieces, and compared by their checksum.
 *
 * @module
 */
import { crc32 } from "node:zlib";
import { makeError } from "../../modules/errors.ts";
import type { Board } from "./board.ts";

/** Bytes in a line; with base64 around them it has to fit into the board's input buffer of 4 KB. */
const PIECE = 1024;

/** Is told how many bytes were written. */
export type Progress = (bytes: number) => void;

const STORAGE = 'require("Storage")';

/** Checksum and length of a file, undefined when there is none. */
export const stateOf = async function (board: Board, name: string): Promise<{ crc: number; size: number } | undefined> {
    const file = `(function(f){return f===undefined?0:[E.CRC32(f)>>>0,f.length]})(${STORAGE}.read("${name}"))`;
    const state = await board.evaluate<0 | [number, number]>(file);
    return state ? { crc: state[0], size: state[1] } : undefined;
};

/** Whether a file is there with just these bytes. */
export const isThere = async function (board: Board, name: string, data: Uint8Array): Promise<boolean> {
    const state = await stateOf(board, name);
    return state !== undefined && state.size === data.length && state.crc === crc32(data);
};

/** Writes bytes into a file that was made with room for them. */
export const writeAt = async function (
    board: Board,
    name: string,
    data: Uint8Array,
    from: number,
    progress: Progress = () => undefined,
): Promise<void> {
    for (let at = from; at < data.length; at += PIECE) {
        const piece = data.subarray(at, at + PIECE);
        const text = Buffer.from(piece).toString("base64");
        const wrote = await board.evaluate<boolean>(`${STORAGE}.write("${name}",atob("${text}"),${at},${data.length})`);
        if (!wrote) throw makeError("ETLS_BOARD", `Storage took ${at} of the ${data.length} bytes of ${name}`);
        progress(at + piece.length);
    }
};

/**
 * Makes a file of so many bytes, the first of which is `first`, in place of what there is.
 *
 * @throws TlsError `ETLS_BOARD` when there is no room
 */
export const makeFile = async function (board: Board, name: string, size: number, first: number): Promise<void> {
    await board.evaluate(`${STORAGE}.erase("${name}")`);
    const needed = size + 64;
    const free = await board.evaluate<number>(
        `${STORAGE}.getFree()<${needed}?(${STORAGE}.compact(),${STORAGE}.getFree()):${needed}`,
    );
    if (free < needed) {
        const detail = `Storage has ${free} bytes free and ${name} needs ${needed}`;
        throw makeError("ETLS_BOARD", `${detail}; erase files, or take --profile small`);
    }
    await board.evaluate(`${STORAGE}.write("${name}",String.fromCharCode(${first}),0,${size})`);
};

/** Writes a file unless it is there already. Returns whether it was written. */
export const putFile = async function (board: Board, name: string, data: Uint8Array): Promise<boolean> {
    if (await isThere(board, name, data)) return false;
    await board.evaluate(`${STORAGE}.erase("${name}")`);
    await writeAt(board, name, data, 0);
    if (!(await isThere(board, name, data))) {
        throw makeError("ETLS_BOARD", `${name} was written and reads back differently; is Storage full?`);
    }
    return true;
};
