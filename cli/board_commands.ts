// SPDX-License-Identifier: Apache-2.0
/**
 * The commands for boards: `install`, `uninstall`, `tether`, `run`.
 *
 * @module
 */
import { readFileSync, writeFileSync } from "node:fs";
import { loadDer } from "../modules/certificates.ts";
import { reasonOf } from "../modules/errors.ts";
import { describe } from "../wasm/describe.ts";
import { rootBundle } from "../wasm/roots.ts";
import { Board } from "./board/board.ts";
import { CHIPS } from "./board/chips.ts";
import { driveFile } from "./board/drive.ts";
import type { Plan } from "./board/files.ts";
import { install, uninstall } from "./board/installer.ts";
import { putFile } from "./board/storage.ts";
import { Tether } from "./board/tether.ts";
import { readUf2 } from "./board/uf2.ts";
import { usageError } from "./command.ts";
import type { Arguments, Command, Options } from "./command.ts";
import { EXIT } from "./exit.ts";
import { grouped, harmless } from "./terminal.ts";

/** The option that all of them have. */
export const PORT: Options = {
    port: { short: "p", value: "PORT", help: "The board: a serial port such as /dev/ttyACM0 or COM3,\nor tcp://HOST:PORT" },
};

/** What their exit codes mean. */
export const EXIT_NOTE =
    "Exit codes:\n" +
    "  0  done\n" +
    "  2  wrong command line, or a file that cannot be read\n" +
    "  3  the board does not answer, or cannot take it\n" +
    "  5  any other failure";

/** What to know of ports. */
export const PORT_NOTE =
    "Only one program can use a serial port: close the Web IDE and other terminals. To use one on Linux\n" +
    "you have to be in its group, mostly dialout.";

/** Opens the board that was named, does something and closes it whatever happens. */
export const withBoard = async function (given: Arguments, work: (board: Board) => Promise<number>): Promise<number> {
    const port = given.text("port");
    if (port === undefined) throw usageError("which board? give --port, such as --port /dev/ttyACM0");
    const board = await Board.open(port);
    try {
        return await work(board);
    } finally {
        board.close();
    }
};

/** Reads or writes a file that the command line names. */
const withFile = function <T>(option: string, file: string, work: () => T): T {
    try {
        return work();
    } catch (error) {
        throw usageError(`${option} ${file}: ${reasonOf(error)}`);
    }
};

/** What the files of `--ca` hold: DER, one after the other, or one trust bundle. */
const readTrust = function (files: string[]): Uint8Array | undefined {
    if (files.length === 0) return undefined;
    const items = files.flatMap((file) => {
        const data = withFile("--ca", file, () => readFileSync(file));
        return loadDer({ readFile: () => undefined, describe }, "ca", data);
    });
    if (items.length > 1 && items.some((item) => item.charCodeAt(0) !== 0x30)) {
        throw usageError("--ca takes certificates or one trust bundle; espruino-tls ca bundle --add puts both into one");
    }
    return Buffer.from(items.join(""), "latin1");
};

const readProfile = function (given: Arguments): "small" | "full" {
    const profile = given.text("profile") ?? "full";
    if (profile !== "small" && profile !== "full") throw usageError(`--profile is small or full, not ${profile}`);
    return profile;
};

const readArena = function (given: Arguments): number | undefined {
    const text = given.text("arena");
    if (text === undefined) return undefined;
    const size = Number(text.replace(/k$/i, "")) * (/k$/i.test(text) ? 1024 : 1);
    if (!(size >= 8192 && size <= 262144)) throw usageError(`--arena ${text} is not 8k to 256k`);
    return size;
};

const say = (text: string): void => void process.stderr.write(`${text}\n`);

/** A line that is written over while it grows, on a terminal only. */
const showProgress = function (name: string): (bytes: number) => void {
    return (bytes) => {
        if (process.stderr.isTTY) process.stderr.write(`\r${name} ${grouped(bytes)} bytes\x1b[K`);
    };
};

/** Writes the installation as a UF2 file. */
const writeDrive = function (given: Arguments, plan: Plan): Promise<number> {
    const [board, output, firmware] = [given.text("uf2"), given.text("output"), given.text("firmware")];
    const chip = CHIPS.find(({ drive }) => drive === board);
    const names = CHIPS.map(({ drive }) => drive).join(" or ");
    if (chip === undefined) throw usageError(`--uf2 is ${names}, not ${board ?? "left out, with --output or --firmware"}`);
    if (output === undefined) throw usageError("--uf2 writes a file: name it with --output");
    if (given.has("port")) throw usageError("--uf2 writes a file, --port to a board: only one of them");
    const base = firmware === undefined ? [] : withFile("--firmware", firmware, () => readUf2(readFileSync(firmware)));
    const file = driveFile(chip, plan, base);
    withFile("--output", output, () => writeFileSync(output, file));
    const with_ = firmware === undefined ? "Espruino is to be on the board already" : "with Espruino";
    say(`${output}: ${grouped(file.length)} bytes for the ${chip.board}'s drive; ${with_}`);
    return Promise.resolve(EXIT.ok);
};

/** `espruino-tls install` */
export const INSTALL: Command = {
    name: "install",
    summary: "Put the native core, the modules and trusted certificates on a board",
    usage: "(--port PORT | --uf2 BOARD -o FILE) [options]",
    options: {
        ...PORT,
        profile: { value: "NAME", help: "small: TLS 1.2 client; full: 1.2 and 1.3, client and server; default full" },
        ca: { value: "FILE", repeat: true, help: "Trust these (PEM, DER, a trust bundle) when a program names none" },
        "no-roots": { help: "Without --ca: trust nobody, not the common public roots" },
        arena: { value: "BYTES", help: "Memory for everything TLS does, such as 32k; default what the board has free" },
        uf2: { value: "BOARD", help: "Write a file for the drive of a pico or pico2 instead; with --output" },
        output: { short: "o", value: "FILE", help: "Where to" },
        firmware: { value: "FILE", help: "With --uf2: Espruino's own UF2 file, to be in it too" },
    },
    notes: [
        "A UF2 file is dropped on the drive that the board is when it is plugged in with its button held.\n" +
            "It replaces all of Espruino's Storage, and with --firmware the firmware as well.",
        "Without --ca programs that name no ca trust the roots of 99 % of public servers (14 KB); what was\n" +
            "chosen by an earlier --ca stays.",
        "Running it again writes only what has changed, and completes an installation that broke off.",
        PORT_NOTE,
        EXIT_NOTE,
    ],
    examples: [
        ["espruino-tls install --port /dev/ttyACM0 --ca root.pem", "Everything for one server"],
        ["espruino-tls install --uf2 pico -o tls.uf2 --ca root.pem", "The same as a file to be dropped"],
    ],
    run: (given) => {
        if (given.positionals.length > 0) throw usageError(`install takes no ${given.positionals[0]}`);
        const roots = given.has("no-roots") ? undefined : rootBundle("common");
        const plan = { profile: readProfile(given), trust: readTrust(given.list("ca")), roots, arena: readArena(given) };
        if (given.has("uf2") || given.has("output") || given.has("firmware")) return writeDrive(given, plan);
        return withBoard(given, async (board) => {
            const written = await install(board, plan, { step: say, progress: showProgress("tls-image") });
            say(written.length > 0 ? `Installed: ${written.join(", ")}` : "Everything was there already.");
            return EXIT.ok;
        });
    },
};

/** `espruino-tls uninstall` */
export const UNINSTALL: Command = {
    name: "uninstall",
    summary: "Remove from a board all that install has put there",
    usage: "--port PORT",
    options: PORT,
    notes: [PORT_NOTE, EXIT_NOTE],
    examples: [["espruino-tls uninstall --port /dev/ttyACM0", "Gives its Storage back"]],
    run: (given) =>
        withBoard(given, async (board) => {
            const removed = await uninstall(board);
            say(removed.length > 0 ? `Removed: ${removed.join(", ")}` : "Nothing of ours was there.");
            return EXIT.ok;
        }),
};

/** Passes the console on and serves streams until the board, or the user, ends it. */
const serve = function (board: Board, verbose: boolean): Promise<number> {
    const tether = new Tether(board);
    if (verbose) tether.onStream = (event) => say(`tether: ${event}`);
    board.onText = (text) => void process.stdout.write(harmless(text).replaceAll("\\x0a", "\n").replaceAll("\\x0d", ""));
    const type = (data: Buffer): void => void board.type(data.toString("latin1"));
    process.stdin.on("data", type);
    return new Promise((resolve) => {
        const end = (): void => {
            tether.close();
            process.stdin.off("data", type);
            process.stdin.pause();
            resolve(EXIT.ok);
        };
        board.onClose = end;
        process.once("SIGINT", end);
        process.once("SIGTERM", end);
    });
};

const SERVE_OPTIONS: Options = {
    ...PORT,
    verbose: { short: "v", help: "Tell on stderr which connections are made" },
};

/** `espruino-tls tether` */
export const TETHER: Command = {
    name: "tether",
    summary: "Be the network of a board, over its console cable",
    usage: "--port PORT [-v]",
    options: SERVE_OPTIONS,
    notes: [
        "What the board prints is shown, and what is typed goes to the board. All encryption is the\n" +
            "board's: what passes through here is ciphertext. Ctrl-C ends it.",
        PORT_NOTE,
        EXIT_NOTE,
    ],
    examples: [["espruino-tls tether --port /dev/ttyACM0", "A Pico without a network of its own"]],
    run: (given) => withBoard(given, (board) => serve(board, given.has("verbose"))),
};

/** `espruino-tls run` */
export const RUN: Command = {
    name: "run",
    summary: "Run a program on a board, and be its network",
    usage: "FILE --port PORT [-v]",
    options: SERVE_OPTIONS,
    notes: ["The board's interpreter starts anew before. The clock of the board is set. Ctrl-C ends it.", PORT_NOTE, EXIT_NOTE],
    examples: [["espruino-tls run app.js --port /dev/ttyACM0", "Try a program out"]],
    run: (given) => {
        const [file, more] = given.positionals;
        if (file === undefined || more !== undefined) throw usageError("run takes one file");
        let code: Buffer;
        try {
            code = readFileSync(file);
        } catch (error) {
            throw usageError(reasonOf(error));
        }
        return withBoard(given, async (board) => {
            await board.evaluate("setTimeout(reset,10)&&0");
            await new Promise((resolve) => setTimeout(resolve, 1000));
            await putFile(board, "tls-run", code);
            await board.evaluate(`setTime(${Date.now() / 1000})||0`);
            const served = serve(board, given.has("verbose"));
            await board.type('\x10eval(require("Storage").read("tls-run"))\n');
            return served;
        });
    },
};
