// SPDX-License-Identifier: Apache-2.0
/**
 * `espruino-tls entropy capture`: raw samples of a board's noise source into a file.
 *
 * @module
 */
import { closeSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { reasonOf } from "../modules/errors.ts";
import { Board } from "./board/board.ts";
import type { BoardInfo } from "./board/board.ts";
import { Capture, captureChipOf, programOf } from "./board/capture.ts";
import type { CapturedSource } from "./board/capture.ts";
import { EXIT_NOTE, PORT, PORT_NOTE, withBoard } from "./board_commands.ts";
import { usageError } from "./command.ts";
import type { Arguments, Command, Options } from "./command.ts";
import { EXIT } from "./exit.ts";
import { ShareProgress } from "./progress.ts";
import { grouped, harmless } from "./terminal.ts";

/** What SP 800-90B section 3.1.1 asks for. */
const WANTED_SAMPLES = 1_000_000;
/** What an assessment takes at most. */
const MOST_SAMPLES = 100_000_000;

const OPTIONS: Options = {
    ...PORT,
    source: { short: "s", value: "NAME", help: "rosc (RP2040), trng (RP2350), adc or jitter (STM32F4); needed where a chip has two" },
    count: { short: "n", value: "N", help: "Samples to take; default 1000000, which SP 800-90B asks for" },
    output: { short: "o", value: "FILE", help: "Where they go, one sample a byte" },
    chip: { value: "NAME", help: "rp2040, rp2350 or stm32f4 (F401, F411), for a board whose name does not tell" },
    json: { help: "What was captured, as JSON on standard output" },
};

/** What is to be done. */
interface Job {
    file: string;
    count: number;
    source: string | undefined;
    chip: string | undefined;
    json: boolean;
}

const readJob = function (given: Arguments): Job {
    if (given.positionals.length > 0) throw usageError(`entropy capture takes no ${given.positionals[0]}; the file is --output`);
    const file = given.text("output");
    if (file === undefined) throw usageError("where to? give --output, such as --output rosc.bin");
    const text = given.text("count") ?? String(WANTED_SAMPLES);
    const count = Number(text);
    if (!/^\d+$/.test(text) || count < 1 || count > MOST_SAMPLES) {
        throw usageError(`--count ${text} is not a whole number from 1 to ${MOST_SAMPLES}`);
    }
    return { file, count, source: given.text("source"), chip: given.text("chip"), json: given.has("json") };
};

/** Takes samples into a file that is there only when it is complete. */
const record = async function (capture: Capture, { file, count }: Job): Promise<void> {
    const part = `${file}.part`;
    let handle: number;
    try {
        handle = openSync(part, "w");
    } catch (error) {
        throw usageError(`cannot write ${file}: ${reasonOf(error)}`);
    }
    const interrupt = (): never => {
        rmSync(part, { force: true });
        process.exit(EXIT.protocol);
    };
    process.once("SIGINT", interrupt);
    const progress = new ShareProgress(process.stderr, capture.source.name);
    try {
        for (let taken = 0; taken < count; ) {
            const samples = (await capture.take()).subarray(0, count - taken);
            writeSync(handle, samples);
            taken += samples.length;
            progress.show(taken / count);
        }
        renameSync(part, file);
    } finally {
        progress.stop();
        process.off("SIGINT", interrupt);
        closeSync(handle);
        rmSync(part, { force: true });
    }
};

const bits = (count: number): string => `${count} bit${count === 1 ? "" : "s"}`;

/** What was captured, and what to do with it, for people. */
const tell = function (job: Job, info: BoardInfo, { name, width, credit }: CapturedSource): string {
    return (
        `${job.file}: ${grouped(job.count)} samples of ${bits(width)}, ${name} of ${harmless(info.board)}, ` +
        `Espruino ${harmless(info.version)}\n` +
        `The port credits ${bits(credit / 16)} a sample. What they have: ` +
        `espruino-tls entropy assess ${job.file} --bits ${width}\n`
    );
};

const capture = async function (board: Board, job: Job): Promise<number> {
    const info = await board.info();
    const chip = job.chip ?? captureChipOf(info);
    const program = programOf(chip, job.source);
    const started = Date.now();
    const running = await Capture.start(board, program);
    await record(running, job);
    await running.end();
    const seconds = Math.round((Date.now() - started) / 100) / 10;
    const { name, width, credit } = running.source;
    const facts = {
        file: job.file, samples: job.count, source: name, width, credit, chip, board: info.board, firmware: info.version, seconds,
    };
    process.stdout.write(job.json ? `${JSON.stringify(facts, null, 2)}\n` : tell(job, info, running.source));
    return EXIT.ok;
};

/** The command. */
export const CAPTURE: Command = {
    name: "entropy capture",
    summary: "Records raw samples of a board's noise source",
    usage: "--port PORT -o FILE [options]",
    options: OPTIONS,
    notes: [
        "Works on the board's own firmware, with or without espruino-tls installed: a program of a few\n" +
            "hundred bytes is run from RAM, and flash is not touched. The board's interpreter starts anew\n" +
            "before, so a program that was running there ends; reset the board to have it back.",
        "The samples are what the core gets, before any test and any hash. 1,000,000 take about half a\n" +
            "minute on a Pico; take them from a board as it will be used: its supply, its temperature.",
        PORT_NOTE,
        EXIT_NOTE,
    ],
    examples: [
        ["espruino-tls entropy capture --port /dev/ttyACM0 --source rosc -n 1000000 -o rosc.bin", "A Raspberry Pi Pico"],
        ["espruino-tls entropy capture -p /dev/ttyACM0 -s jitter -o jitter.bin", "An Espruino Pico"],
    ],
    run: (given) => {
        const job = readJob(given);
        return withBoard(given, (board) => capture(board, job));
    },
};
