// SPDX-License-Identifier: Apache-2.0
/**
 * The other end of modules/board_tether.ts: moves ciphertext between a board's console and the network.
 *
 * @module
 */
import { connect } from "node:net";
import type { Socket } from "node:net";
import { reasonOf } from "../../modules/errors.ts";

/** What the tether needs of a board. */
export interface Console {
    type(text: string): Promise<void>;
    onTether: (line: string) => void;
}

/** Bytes in a line for the board; one waits for the board's answer at a time. */
const PIECE = 512;

interface Line {
    socket: Socket;
    waiting: Buffer[];
    /** The board has not asked for more yet. */
    busy: boolean;
    paused: boolean;
    ended: boolean;
}

/** Serves the streams of a board until it is closed. */
export class Tether {
    private readonly board: Console;
    private readonly lines: Map<number, Line> = new Map();
    /** Called when a stream is opened or closed. */
    onStream: (event: string) => void = () => undefined;
    /** Bytes from and to the board. */
    readonly bytes = { out: 0, in: 0 };

    constructor(board: Console) {
        this.board = board;
        board.onTether = (line) => this.take(line);
    }

    /** Drops all streams. */
    close(): void {
        this.board.onTether = () => undefined;
        for (const { socket } of this.lines.values()) socket.destroy();
        this.lines.clear();
    }

    private take(text: string): void {
        const [, id, verb, rest] = /^(\d+) (\w) ?(.*)$/.exec(text) ?? [];
        const number = Number(id);
        const line = this.lines.get(number);
        if (verb === "o") this.open(number, rest ?? "");
        if (!line) return;
        if (verb === "w") {
            const data = Buffer.from(rest ?? "", "base64");
            this.bytes.out += data.length;
            line.socket.write(data);
        } else if (verb === "e") {
            line.socket.end();
        } else if (verb === "d") {
            this.lines.delete(number);
            line.socket.destroy();
        } else if (verb === "p" || verb === "r") {
            line.paused = verb === "p";
            this.feed(number, line);
        } else if (verb === "a") {
            line.busy = false;
            this.feed(number, line);
        }
    }

    private open(number: number, address: string): void {
        const [host = "", port = ""] = address.split(" ");
        const socket = connect({ host, port: Number(port) });
        const line: Line = { socket, waiting: [], busy: false, paused: false, ended: false };
        let reason = "";
        this.lines.set(number, line);
        socket.on("connect", () => {
            this.onStream(`connected to ${host}:${port}`);
            this.say(number, "c", "");
        });
        socket.on("data", (data) => {
            for (let at = 0; at < data.length; at += PIECE) line.waiting.push(data.subarray(at, at + PIECE));
            this.feed(number, line);
        });
        socket.on("end", () => {
            line.ended = true;
            this.feed(number, line);
        });
        socket.on("error", (error) => {
            reason = reasonOf(error);
        });
        socket.on("close", () => {
            this.onStream(`closed ${host}:${port}${reason ? `: ${reason}` : ""}`);
            if (this.lines.get(number) === line) this.finish(number, line, reason);
        });
    }

    /** Sends the next piece when the board can take one. */
    private feed(number: number, line: Line): void {
        if (line.waiting.length > 8) line.socket.pause();
        else line.socket.resume();
        if (line.busy || line.paused) return;
        const piece = line.waiting.shift();
        if (piece) {
            line.busy = true;
            this.bytes.in += piece.length;
            this.say(number, "d", piece.toString("base64"));
        } else if (line.ended) {
            line.ended = false;
            this.say(number, "e", "");
        }
    }

    /** Tells that a stream is closed, after all that came through it. */
    private finish(number: number, line: Line, reason: string): void {
        if (line.waiting.length > 0 || line.busy) {
            if (this.lines.get(number) === line) setTimeout(() => this.finish(number, line, reason), 10);
            return;
        }
        this.lines.delete(number);
        this.say(number, "x", reason);
    }

    private say(number: number, verb: string, text: string): void {
        const line = `require("tls-tether").take(${number},"${verb}",${JSON.stringify(text)})`;
        void this.board.type(`\x10${line}\n`);
    }
}
