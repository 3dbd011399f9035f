// SPDX-License-Identifier: Apache-2.0
/**
 * A board at the other end of a console: asks it to evaluate expressions, and listens to its lines.
 *
 * @module
 */
import { makeError } from "../../modules/errors.ts";
import { openPort } from "./port.ts";
import type { Port } from "./port.ts";

/** What a board tells of itself. */
export interface BoardInfo {
    /** Such as `RP2040_PICO`. */
    board: string;
    /** The firmware's version, such as `2v29.277`. */
    version: string;
    /** Names of the modules in the firmware. */
    modules: string[];
}

/** Milliseconds for an answer; a native call may take seconds, and a board may be an emulated one. */
const PATIENCE = 60_000;

/** What the board prints for us: an answer, or a line of the tether (modules/board_tether.ts). */
const MARKED = /\x01(etls|tls) ([^\r\n]*)\r?\n/;

interface Question {
    resolve(answer: string): void;
    reject(error: Error): void;
}

/** A board. */
export class Board {
    private readonly port: Port;
    private rest = "";
    private last = 0;
    private readonly questions: Map<number, Question> = new Map();
    /** Called with lines of the tether: `ID VERB TEXT`. */
    onTether: (line: string) => void = () => undefined;
    /** Called with everything else that the board prints. */
    onText: (text: string) => void = () => undefined;
    /** Called when it is gone. */
    onClose: () => void = () => undefined;

    private constructor(port: Port) {
        this.port = port;
        port.onText = (text) => this.take(text);
        port.onClose = () => {
            for (const { reject } of this.questions.values()) reject(makeError("ETLS_BOARD", "the board is gone"));
            this.questions.clear();
            this.onClose();
        };
    }

    /** Opens a board's console. @throws TlsError `ETLS_BOARD` when nothing answers */
    static async open(path: string): Promise<Board> {
        const board = new Board(await openPort(path));
        await board.type("\n"); // ends a line that somebody has begun
        return board;
    }

    /** Types ASCII text. */
    type(text: string): Promise<void> {
        return this.port.write(text);
    }

    /**
     * Evaluates an expression on the board and returns its value.
     *
     * @throws TlsError `ETLS_BOARD` with what the board threw, or when it does not answer
     */
    evaluate<T>(expression: string): Promise<T> {
        return this.ask(`print(MARK+JSON.stringify(${expression}))`, PATIENCE);
    }

    /**
     * Calls a function on the board that takes a callback, and returns what that is called with.
     *
     * @param call - an expression that is a function of one argument
     * @param patience - milliseconds
     * @throws TlsError `ETLS_BOARD` with what the board threw, or when it does not answer
     */
    call<T>(call: string, patience = PATIENCE): Promise<T> {
        return this.ask(`(${call})(function(v){print(MARK+JSON.stringify(v))})`, patience);
    }

    /** Types statements that print MARK and JSON, now or later. */
    private async ask<T>(statements: string, patience: number): Promise<T> {
        this.last += 1;
        const number = this.last;
        const answer = new Promise<string>((resolve, reject) => {
            const late = (): void => {
                this.questions.delete(number);
                reject(makeError("ETLS_BOARD", "the board does not answer; is it an Espruino?"));
            };
            const timer = setTimeout(late, patience);
            const after = <V>(then: (value: V) => void) => (value: V): void => {
                clearTimeout(timer);
                then(value);
            };
            this.questions.set(number, { resolve: after(resolve), reject: after(reject) });
        });
        const mark = `"\\x01etls ${number} "`;
        const line = `try{${statements.replace("MARK", mark)}}catch(e){print(${mark}+"!"+e)}`;
        const [text] = await Promise.all([answer, this.type(`\x10${line}\n`)]); // DLE: not echoed
        if (text.startsWith("!")) throw makeError("ETLS_BOARD", `the board says ${text.slice(1)}`);
        return (text === "" || text === "undefined" ? undefined : JSON.parse(text)) as T;
    }

    /** Asks what it is. */
    async info(): Promise<BoardInfo> {
        const asked = "[process.env.BOARD,process.env.VERSION,process.env.MODULES]";
        const [board, version, modules] = await this.evaluate<[string, string, string]>(asked);
        return { board, version, modules: (modules ?? "").split(",") };
    }

    close(): void {
        this.port.close();
    }

    private take(text: string): void {
        this.rest += text;
        for (let found = MARKED.exec(this.rest); found; found = MARKED.exec(this.rest)) {
            this.print(this.rest.slice(0, found.index));
            this.rest = this.rest.slice(found.index + found[0].length);
            if (found[1] === "tls") this.onTether(found[2] ?? "");
            else this.answer(found[2] ?? "");
        }
        const mark = this.rest.indexOf("\x01");
        this.print(mark < 0 ? this.rest : this.rest.slice(0, mark));
        this.rest = mark < 0 ? "" : this.rest.slice(mark);
    }

    private print(text: string): void {
        const plain = text.replace(/\x1b\[J/g, "");
        if (plain !== "" && plain !== "\r") this.onText(plain);
    }

    private answer(line: string): void {
        const [, number, text] = /^(\d+) (.*)$/.exec(line) ?? [];
        const question = this.questions.get(Number(number));
        this.questions.delete(Number(number));
        question?.resolve(text ?? "");
    }
}
