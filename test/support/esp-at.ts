// SPDX-License-Identifier: Apache-2.0
/**
 * A modem with ESP-AT firmware, as a program: takes commands as bytes, opens real connections, and answers
 * as the ESP-AT User Guide says (docs.espressif.com/projects/esp-at, release v2.x: TCP/IP AT Commands, AT
 * Messages, TCP/IP AT Examples; v4 and later for `AT+CIPRECVTYPE`), in multiple connections mode.
 *
 * @module
 */
import { connect } from "node:net";
import type { Socket } from "node:net";
import { until } from "./attempt.ts";

/** How it differs from the newest firmware that is joined to a network. */
export interface EspAtOptions {
    /** Bytes that it says at once; each piece by itself. */
    pieces?: number | undefined;
    /** `AT+CIPRECVMODE` (v2, v3), `AT+CIPRECVTYPE` (v4), or no passive mode at all. */
    passive?: "mode" | "type" | "none" | undefined;
    /** Writes `+CIPRECVDATA,LENGTH:DATA`, as the firmware for ESP8266 before v2. */
    oldData?: boolean | undefined;
    /** Says `CLOSED` while data of the connection is still to be read, as old firmware. */
    closesEarly?: boolean | undefined;
    /** Is not joined to a network, so that connections fail. */
    offline?: boolean | undefined;
    /** Refuses every n-th command with `busy p...`. */
    busyEach?: number | undefined;
    /** Leaves out what it says unasked when data comes: as when the UART lost it. */
    silentData?: boolean | undefined;
    /** Loses the last bytes of each piece of data. */
    loses?: number | undefined;
    /** Password of the network `limbo`. */
    password?: string | undefined;
}

interface Link {
    socket: Socket;
    held: Buffer[];
    /** Data was announced and not read. */
    told: boolean;
    ended: boolean;
    saidClosed: boolean;
}

/** Bytes that it holds for each connection before the peer has to wait: its receive window. */
const WINDOW = 5760;

/** Bytes of `AT+CIPSEND` at most (v2 for ESP8266). */
const SEND_LIMIT = 2048;

/** The modem. */
export class EspAt {
    /** Takes what it says. */
    onOutput: (data: Buffer) => void = () => undefined;
    /** Takes the rate that it is told to have. */
    onBaud: (rate: number) => void = () => undefined;
    /** Commands that came, without those that it was busy for. */
    readonly commands: string[] = [];
    private readonly options: EspAtOptions;
    private readonly links: Map<number, Link> = new Map();
    private echo = true;
    private multiple = false;
    private passive = false;
    private joined: boolean;
    private line = "";
    private working = false;
    private count = 0;
    private sending: { link: Link; wanted: number; data: number[] } | undefined;

    constructor(options: EspAtOptions = {}) {
        this.options = options;
        this.joined = !options.offline;
    }

    /** Takes bytes of its UART. */
    input(data: Uint8Array): void {
        for (const byte of data) {
            if (this.sending) this.takeData(byte);
            else this.takeCharacter(byte);
        }
    }

    /** Starts anew, by a power supply that is too weak or the like. */
    restart(): void {
        for (const { socket } of this.links.values()) socket.destroy();
        this.links.clear();
        this.echo = true;
        this.multiple = this.passive = this.working = false;
        this.sending = undefined;
        this.line = "";
        this.say(Buffer.from("\xfer\x8cl\x80\r\nready\r\n", "latin1"));
    }

    /** Connections that are open. */
    get open(): number {
        return this.links.size;
    }

    close(): void {
        for (const { socket } of this.links.values()) socket.destroy();
        this.links.clear();
    }

    private say(data: Buffer | string): void {
        const bytes = Buffer.from(data as string, "latin1");
        const piece = this.options.pieces ?? bytes.length;
        for (let at = 0; at < bytes.length; at += piece) this.onOutput(bytes.subarray(at, at + piece));
    }

    private ok(lines = ""): void {
        this.say(`${lines}\r\nOK\r\n`);
    }

    private error(reason = ""): void {
        this.say(`${reason ? `${reason}\r\n` : ""}\r\nERROR\r\n`);
    }

    private takeData(byte: number): void {
        const sending = this.sending as NonNullable<typeof this.sending>;
        sending.data.push(byte);
        if (sending.data.length < sending.wanted) return;
        this.sending = undefined;
        this.working = true;
        this.say(`\r\nRecv ${sending.wanted} bytes\r\n`);
        sending.link.socket.write(Buffer.from(sending.data), () => {
            this.working = false;
            this.say("\r\nSEND OK\r\n");
        });
    }

    private takeCharacter(byte: number): void {
        const character = String.fromCharCode(byte);
        if (this.echo) this.say(character);
        this.line += character;
        if (!this.line.endsWith("\r\n")) return;
        const command = this.line.slice(0, -2);
        this.line = "";
        if (command === "") return;
        this.count += 1;
        const { busyEach } = this.options;
        if (this.working || (busyEach && this.count % busyEach === 0)) {
            this.say("busy p...\r\n");
            return;
        }
        this.commands.push(command);
        this.obey(command);
    }

    private obey(command: string): void {
        const [, name = "", text = ""] = /^(AT[+A-Z0-9_]*[?]?)=?(.*)$/.exec(command) ?? [];
        const values = [...text.matchAll(/"((?:[^"\\]|\\.)*)"|[^,]+/g)].map((m) => (m[1] ?? m[0]).replace(/\\(.)/g, "$1"));
        const passive = this.options.passive ?? "mode";
        if (name === "ATE0" || name === "ATE1") {
            this.echo = name === "ATE1";
            this.ok();
        } else if (name === "AT" || name === "AT+CWMODE" || name === "AT+CIPDINFO") {
            this.ok();
        } else if (name === "AT+CIPMUX") {
            if (this.links.size > 0) return this.error("link is builded");
            this.multiple = text === "1";
            this.ok();
        } else if ((name === "AT+CIPRECVMODE" && passive === "mode") || (name === "AT+CIPRECVTYPE" && passive === "type")) {
            this.passive = values.at(-1) === "1";
            this.ok();
        } else if (name === "AT+UART_CUR") {
            this.ok();
            this.onBaud(Number(values[0]));
        } else if (name === "AT+CWJAP") {
            this.join(values[0] ?? "", values[1] ?? "");
        } else if (name === "AT+CIPSTART" && this.multiple) {
            this.start(Number(values[0]), values[2] ?? "", Number(values[3]));
        } else if (name === "AT+CIPSEND") {
            this.send(this.links.get(Number(values[0])), Number(values[1]));
        } else if (name === "AT+CIPRECVDATA" && this.passive) {
            this.read(Number(values[0]), Number(values[1]));
        } else if (name === "AT+CIPRECVLEN?") {
            const held = [0, 1, 2, 3, 4].map((id) => this.links.get(id)).map((link) => (link ? size(link) : 0));
            this.ok(`+CIPRECVLEN:${held.join(",")}\r\n`);
        } else if (name === "AT+CIPCLOSE") {
            this.hangUp(Number(text));
        } else {
            this.error();
        }
    }

    private join(name: string, password: string): void {
        const fault = name !== "limbo" ? 3 : password !== this.options.password ? 2 : 0;
        this.joined = fault === 0;
        this.working = true;
        setTimeout(() => {
            this.working = false;
            if (fault) this.say(`WIFI DISCONNECT\r\n+CWJAP:${fault}\r\n\r\nFAIL\r\n`);
            else this.ok("WIFI CONNECTED\r\nWIFI GOT IP\r\n");
        }, 20);
    }

    private start(id: number, host: string, port: number): void {
        if (!this.joined) return this.error("no ip");
        if (this.links.has(id)) return this.error("ALREADY CONNECTED");
        if (host.endsWith(".invalid")) return this.error("DNS Fail");
        const socket = connect({ host, port });
        const link: Link = { socket, held: [], told: false, ended: false, saidClosed: false };
        let connected = false;
        this.working = true;
        socket.on("connect", () => {
            connected = true;
            this.working = false;
            this.links.set(id, link);
            this.say(`${id},CONNECT\r\n\r\nOK\r\n`);
        });
        socket.on("data", (data: Buffer) => {
            link.held.push(data);
            if (size(link) >= WINDOW) socket.pause();
            if (this.passive) this.tell(id, link);
            else this.say(Buffer.concat([Buffer.from(`\r\n+IPD,${id},${data.length}:`), data]));
        });
        socket.on("error", () => undefined);
        socket.on("close", () => {
            if (!connected) {
                this.working = false;
                this.say(`${id},CLOSED\r\n`);
                this.error();
            }
            link.ended = true;
            this.tryClosed(id, link);
        });
    }

    /** Announces data, once until it is read. */
    private tell(id: number, link: Link): void {
        if (link.told || this.options.silentData) return;
        link.told = true;
        this.say(`\r\n+IPD,${id},${size(link)}\r\n`);
    }

    /** Says that a connection is closed when everything of it was read. */
    private tryClosed(id: number, link: Link): void {
        if (!link.ended || this.links.get(id) !== link || (size(link) > 0 && !this.options.closesEarly)) return;
        if (size(link) === 0) this.links.delete(id);
        if (!link.saidClosed) this.say(`${id},CLOSED\r\n`);
        link.saidClosed = true;
    }

    private send(link: Link | undefined, wanted: number): void {
        if (!link || link.ended) return this.error("link is not valid");
        if (!(wanted > 0 && wanted <= SEND_LIMIT)) return this.error("too long");
        this.ok();
        this.sending = { link, wanted, data: [] };
        this.say("\r\n>");
    }

    private read(id: number, most: number): void {
        const link = this.links.get(id);
        if (!link || size(link) === 0) return this.error();
        const all = Buffer.concat(link.held);
        const data = all.subarray(0, most);
        link.held = all.length > most ? [all.subarray(most)] : [];
        link.told = false;
        const head = this.options.oldData ? `+CIPRECVDATA,${data.length}:` : `+CIPRECVDATA:${data.length},`;
        const lost = this.options.loses ?? 0;
        this.say(Buffer.concat([Buffer.from(`\r\n${head}`), data.subarray(0, data.length - lost)]));
        if (lost > 0) return;
        this.ok();
        if (link.held.length > 0) this.tell(id, link);
        if (link.ended) this.tryClosed(id, link);
        else link.socket.resume();
    }

    private hangUp(which: number): void {
        const ids = which === 5 ? [...this.links.keys()] : [which];
        const links = ids.map((id) => this.links.get(id));
        if (links.length === 0 || links.includes(undefined)) return this.error("UNLINK");
        ids.forEach((id, index) => {
            const link = links[index] as Link;
            this.links.delete(id);
            link.socket.end();
            link.socket.resume();
            this.say(`${id},CLOSED\r\n`);
        });
        this.ok();
    }
}

const size = (link: Link): number => link.held.reduce((sum, piece) => sum + piece.length, 0);

/** A UART between a modem and a program for Espruino, in this process. */
export class Wire {
    private listener: (data: string) => void = () => undefined;
    private readonly modem: EspAt;

    constructor(modem: EspAt) {
        this.modem = modem;
        // Each piece comes by itself, as an interpreter that is idle hands them out.
        modem.onOutput = (data) => {
            const text = data.toString("latin1");
            setImmediate(() => this.listener(text));
        };
    }

    write(data: string): void {
        const bytes = Buffer.from(data, "latin1");
        setImmediate(() => this.modem.input(bytes));
    }

    on(_: "data", listener: (data: string) => void): void {
        this.listener = listener;
    }
}

/** Waits until a modem has no connection any more. */
export const untilUnused = (modem: EspAt): Promise<void> => until(() => modem.open === 0);
