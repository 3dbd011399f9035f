// SPDX-License-Identifier: Apache-2.0
/**
 * Raw samples of a board's noise source: a program of a few hundred bytes (native/image/capture.c), run
 * from the board's RAM on its interpreter's own firmware. Nothing is written to flash.
 *
 * @module
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { crc32 } from "node:zlib";
import { makeError } from "../../modules/errors.ts";
import type { Board, BoardInfo } from "./board.ts";
import { BOARDS, chipNameOf } from "./chips.ts";

/** A program of capture.c. */
export interface CaptureProgram {
    chip: string;
    source: string;
    code: Uint8Array;
}

/** What the port says of its source: native/include/etls_port.h. */
export interface CapturedSource {
    name: string;
    /** Bits that a sample can differ in. */
    width: number;
    /** Min-entropy that the port claims of a sample, 1/16 bit. */
    credit: number;
}

/** Samples that are taken in one call, a multiple of 64, as many bytes of RAM as they have. */
export const PORTION = 4096;

/** Milliseconds that the interpreter needs to start anew. */
const RESTART = 1000;

const FOLDER = fileURLToPath(new URL("../../images/", import.meta.url));

/** The programs that there are, by their files' names. */
const programs = function (): [chip: string, source: string][] {
    const names = existsSync(FOLDER) ? readdirSync(FOLDER) : [];
    return names.flatMap((name) => {
        const [, chip, source] = /^capture-(\w+)-(\w+)\.bin$/.exec(name) ?? [];
        return chip !== undefined && source !== undefined ? [[chip, source] as [string, string]] : [];
    });
};

/**
 * The program for a source of a chip; `source` undefined takes the only one.
 *
 * @throws TlsError `ETLS_BOARD` for a chip without any, `ETLS_USAGE` with the names of the sources
 */
export const programOf = function (chip: string, source: string | undefined): CaptureProgram {
    const known = programs();
    const sources = known.flatMap(([of, name]) => (of === chip ? [name] : []));
    if (sources.length === 0) {
        const chips = [...new Set(known.map(([of]) => of))].join(", ");
        throw makeError("ETLS_BOARD", `there is no source of the chip ${chip}; there are some of ${chips || "none: npm run build makes them"}`);
    }
    const name = source ?? (sources.length === 1 ? sources[0] : undefined);
    if (name === undefined || !sources.includes(name)) {
        const what = name === undefined ? "which source? give --source" : `the ${chip} has no source ${name}; it has`;
        throw makeError("ETLS_USAGE", `${what} ${sources.join(" or ")}`);
    }
    return { chip, source: name, code: readFileSync(`${FOLDER}capture-${chip}-${name}.bin`) };
};

/** The name of a board's chip. @throws TlsError `ETLS_BOARD` when the board's name tells none */
export const captureChipOf = function ({ board }: BoardInfo): string {
    const chip = chipNameOf(board);
    if (chip !== undefined) return chip;
    const chips = BOARDS.map(([name]) => name).join(", ");
    throw makeError("ETLS_BOARD", `which chip the board ${board} has is not known; give --chip, one of ${chips}`);
};

/** Samples of `width` bits, packed with the first one lowest, as one a byte. */
export const unpack = function (packed: Uint8Array, width: number): Uint8Array {
    const samples = new Uint8Array(Math.floor((packed.length * 8) / width));
    for (let at = 0; at < samples.length; at += 1) {
        const bit = at * width;
        const pair = (packed[bit >> 3] ?? 0) | ((packed[(bit >> 3) + 1] ?? 0) << 8);
        samples[at] = (pair >> (bit & 7)) & ((1 << width) - 1);
    }
    return samples;
};

/** A program that is on a board. */
export class Capture {
    readonly source: CapturedSource;
    private readonly board: Board;

    private constructor(board: Board, source: CapturedSource) {
        this.board = board;
        this.source = source;
    }

    /**
     * Starts the board's interpreter anew, so that nothing else is at the chip's registers, and puts the
     * program into its RAM.
     *
     * @throws TlsError `ETLS_BOARD`
     */
    static async start(board: Board, { chip, source, code }: CaptureProgram): Promise<Capture> {
        await board.evaluate("setTimeout(reset,10)&&0");
        await new Promise((resolve) => setTimeout(resolve, RESTART));
        const text = Buffer.from(code).toString("base64");
        // A flat string runs where it lies; so it may be moved between two calls.
        const crc = await board.evaluate<number>(
            `(function(){var c=E.toFlatString(atob("${text}")),b=E.toFlatString({data:0,count:${PORTION}});` +
                'if(!c||!b)return -1;var f=E.nativeCall(1,"int(int,int)",c);' +
                "global.etlsCapture=function(n){var a=E.getAddressOf(b,true),r=f(a,n);" +
                "return r<0?[r]:[r,btoa(E.memoryArea(a,n?r:16))]};return E.CRC32(c)>>>0})()",
        );
        if (crc === -1) throw makeError("ETLS_BOARD", `the board has no ${PORTION + 1024} bytes of memory in one piece`);
        if (crc !== crc32(code)) throw makeError("ETLS_BOARD", "the program came to the board damaged; try again");
        const [numbers = -1, name = ""] = await board.evaluate<[number, string]>("etlsCapture(0)");
        const told = Buffer.from(name, "base64").toString("latin1").replace(/\0[^]*/, "");
        if (told !== source) throw makeError("ETLS_BOARD", `the program is not that of ${source} of ${chip}: it says ${told}`);
        return new Capture(board, { name: source, width: numbers >> 16, credit: numbers & 0xffff });
    }

    /** Takes {@link PORTION} samples, one a byte. @throws TlsError `ETLS_NO_ENTROPY`, `ETLS_BOARD` */
    async take(): Promise<Uint8Array> {
        const { name, width } = this.source;
        const [size, text = ""] = await this.board.evaluate<[number, string?]>(`etlsCapture(${PORTION})`);
        if (size < 0) throw makeError("ETLS_NO_ENTROPY", `the source ${name} of this board gives no samples: it is stopped or broken`);
        const samples = unpack(Buffer.from(text, "base64"), width);
        if (samples.length !== PORTION) {
            throw makeError("ETLS_BOARD", `${samples.length} samples came, ${PORTION} were taken; is another program using the port?`);
        }
        return samples;
    }

    /** Takes the program off the board. */
    async end(): Promise<void> {
        await this.board.evaluate("delete global.etlsCapture");
    }
}
