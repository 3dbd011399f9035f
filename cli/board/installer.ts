// SPDX-License-Identifier: Apache-2.0
/**
 * Puts the native core and the modules on a board, and takes them off again.
 *
 * An install that breaks off leaves the board as it was, or with files that are not used: an image
 * counts once its address is in its header, which is written last, and the modules that programs
 * require are erased before anything else changes and written when all else is there. The next install
 * completes it.
 *
 * @module
 */
import { crc32 } from "node:zlib";
import { makeError } from "../../modules/errors.ts";
import { IMAGE_ADDRESS_AT } from "../../modules/image.gen.ts";
import { readImage, relocateImage } from "../../native/image/image.ts";
import type { Board, BoardInfo } from "./board.ts";
import { chipOf } from "./chips.ts";
import { ENTRIES, IMAGE, imageFor, moduleFiles, SETTINGS, settingFiles } from "./files.ts";
import type { Plan } from "./files.ts";
import { isThere, makeFile, putFile, writeAt } from "./storage.ts";
import type { Progress } from "./storage.ts";
import type { StoredFile } from "./storage_image.ts";

/** Is told what is done. */
export interface Reporter {
    step(text: string): void;
    progress: Progress;
}

const BROKEN_OFF = "The installation of espruino-tls broke off: run npx espruino-tls install again";

/** First line of a boot file of ours. */
const OURS = "/*espruino-tls*/";

/** Where the image lies in Storage; 0 when there is none. */
const addressOf = (board: Board): Promise<number> =>
    board.evaluate<number>(`(function(f){return f===undefined?0:E.getAddressOf(f,true)})(require("Storage").read("${IMAGE}"))`);

const crcAt = (board: Board, address: number, size: number): Promise<number> =>
    board.evaluate<number>(`E.CRC32(E.memoryArea(${address},${size}))>>>0`);

/** Whether the board has this image, where it can run: in Storage, or else where a UF2 file puts it. */
const hasImage = async function (board: Board, image: Uint8Array): Promise<boolean> {
    const stored = await addressOf(board);
    const address = stored || readImage(image).address;
    const moved = relocateImage(image, address);
    const size = stored ? await board.evaluate<number>(`require("Storage").read("${IMAGE}").length`) : moved.length;
    return size === moved.length && (await crcAt(board, address, size)) === crc32(moved);
};

/** Writes the image for the address where its file lies; that address last. */
const writeImage = async function (board: Board, image: Uint8Array, report: Reporter): Promise<void> {
    // Storage makes a file with its first bytes: a write at offset 0 would make another one.
    await makeFile(board, IMAGE, image.length, image[0] as number);
    const address = await addressOf(board);
    if (address === 0) throw makeError("ETLS_BOARD", "this board's flash is not mapped into memory");
    const moved = relocateImage(image, address);
    const unmarked = Buffer.from(moved).fill(0xff, IMAGE_ADDRESS_AT, IMAGE_ADDRESS_AT + 4);
    await writeAt(board, IMAGE, unmarked, 1, report.progress);
    if ((await crcAt(board, address, unmarked.length)) !== crc32(unmarked)) {
        throw makeError("ETLS_BOARD", "the image was written and reads back differently; install again");
    }
    const mark = Buffer.from(moved.subarray(IMAGE_ADDRESS_AT, IMAGE_ADDRESS_AT + 4)).toString("base64");
    await board.evaluate(
        `require("Storage").write("${IMAGE}",atob("${mark}"),${IMAGE_ADDRESS_AT},${moved.length})`,
    );
    if (!(await hasImage(board, image))) throw makeError("ETLS_BOARD", "the image is not as it was written; install again");
};

/** The boot file that our modules need where the firmware has some of their names. */
const bootFile = function (info: BoardInfo): string | undefined {
    const names = ENTRIES.filter((name) => info.modules.includes(name));
    if (names.length === 0) return undefined;
    // An installation that broke off must not bring back the firmware's own.
    const instead = `'exports.connect=exports.request=exports.get=function(){throw new Error("${BROKEN_OFF}")}'`;
    const lines = names.map((name) => `Modules.addCached("${name}",require("Storage").read("${name}")||${instead});`);
    return `${OURS}\n${lines.join("\n")}\n`;
};

/** The name of a boot file of ours, or of one that is free. */
const bootName = async function (board: Board): Promise<string> {
    const states = await board.evaluate<(boolean | 0)[]>(
        `[0,1,2,3].map(function(n){var f=require("Storage").read(".boot"+n);return f===undefined?0:f.substr(0,${OURS.length})=="${OURS}"})`,
    );
    const ours = states.indexOf(true);
    const at = ours >= 0 ? ours : states.indexOf(0);
    if (at < 0) throw makeError("ETLS_BOARD", "the boot files .boot0 to .boot3 are all taken by other programs");
    return `.boot${at}`;
};

/** What is to be on a board, in the order in which it is written; the image comes before. */
const filesFor = async function (board: Board, info: BoardInfo, plan: Plan): Promise<StoredFile[]> {
    const boot = bootFile(info);
    const files = boot === undefined ? [] : [[await bootName(board), Buffer.from(boot)] satisfies StoredFile];
    // Whoever has chosen once whom to trust is not given the public roots by a later install.
    const chosen = plan.roots && (await board.evaluate<boolean>('require("Storage").read("tls-ca")!==undefined'));
    return [...settingFiles(chosen ? { ...plan, roots: undefined } : plan), ...files, ...moduleFiles()];
};

/** The files that a board does not have, or others of these names. */
const missingFiles = async function (board: Board, files: StoredFile[]): Promise<StoredFile[]> {
    const missing: StoredFile[] = [];
    for (const file of files) if (!(await isThere(board, ...file))) missing.push(file);
    return missing;
};

const describeImage = function (image: Uint8Array | undefined): string {
    if (image === undefined) return "its firmware has the native core";
    const { build, profile, size } = readImage(image);
    return `image ${profile} ${build}, ${size} bytes`;
};

/** Installs what is missing or different. Returns the names of the files that were written. */
export const install = async function (board: Board, plan: Plan, report: Reporter): Promise<string[]> {
    const info = await board.info();
    // A firmware that has the core in it (native/ports/espruino) needs no image.
    const image = info.modules.includes("tlsnative") ? undefined : imageFor(chipOf(info.board), plan.profile);
    report.step(`${info.board}, Espruino ${info.version}; ${describeImage(image)}`);
    const files = await filesFor(board, info, plan);
    let missing = await missingFiles(board, files);
    const written: string[] = [];
    const putImage = async (): Promise<void> => {
        if (image === undefined || (await hasImage(board, image))) return;
        report.step(IMAGE);
        await writeImage(board, image, report);
        if (!written.includes(IMAGE)) written.push(IMAGE);
    };
    const whole = missing.every(([name]) => SETTINGS.includes(name)) && (image === undefined || (await hasImage(board, image)));
    if (!whole) {
        // Without them nothing of a half-made installation is used.
        for (const name of ENTRIES) await board.evaluate(`require("Storage").erase("${name}")`);
        missing = await missingFiles(board, files);
    }
    // Early, since what lies before it in Storage can make it move when Storage is compacted.
    await putImage();
    for (const [name, data] of missing) {
        if (ENTRIES.includes(name)) await putImage(); // writing the others can have compacted Storage
        report.step(name);
        if (await putFile(board, name, data)) written.push(name);
    }
    await putImage();
    // What was loaded before is of the old files.
    await board.evaluate(`${JSON.stringify(ENTRIES)}.forEach(function(n){try{Modules.removeCached(n)}catch(e){}})||0`);
    return written;
};

/** Removes everything that {@link install} has written. Returns the names of the files. */
export const uninstall = async function (board: Board): Promise<string[]> {
    const names = [IMAGE, "tls-ca", "tls-config", "tls-seed", "tls-run", ...moduleFiles().map(([name]) => name)];
    const boot = [0, 1, 2, 3].map((number) => `.boot${number}`);
    const removed: string[] = [];
    for (const name of [...names, ...boot]) {
        const guard = name.startsWith(".boot") ? `&&f.substr(0,${OURS.length})=="${OURS}"` : "";
        const there = await board.evaluate<boolean>(
            `(function(f){return f!==undefined${guard}})(require("Storage").read("${name}"))`,
        );
        if (!there) continue;
        await board.evaluate(`require("Storage").erase("${name}")`);
        removed.push(name);
    }
    return removed;
};
