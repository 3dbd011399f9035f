// SPDX-License-Identifier: Apache-2.0
/**
 * The GDB remote serial protocol over two files, synchronously: as much of it as QEMU's stub needs
 * ("Debugging with GDB", appendix E). Packets are `$data#checksum`; the stub takes the next packet for
 * the acknowledgement of its last one.
 *
 * @module
 */
import { readSync, writeSync } from "node:fs";

/** Bytes of memory in a packet; QEMU's are 4,096 characters long at most. */
const PIECE = 2000;
/** Packets that are sent before the answer to the first is read: less than a FIFO's 64 KB. */
const TOGETHER = 8;
/** Reads that find nothing before the first pause, and before pauses become long. */
const EAGER = 30;
const PATIENT = 400;
const SHORT_PAUSE = 0.05; // milliseconds
const LONG_PAUSE = 2;

/** There was no answer in time. */
export class NoAnswer extends Error {}

/** The other side is gone. */
export class Gone extends Error {}

const cell = new Int32Array(new SharedArrayBuffer(4));

const frame = function (packet: string): string {
    let sum = 0;
    for (let at = 0; at < packet.length; at += 1) sum += packet.charCodeAt(at);
    return `$${packet}#${(sum & 0xff).toString(16).padStart(2, "0")}`;
};

/** A number as memory holds it: four bytes in hex, little-endian. */
const wordHex = function (value: number): string {
    const bytes = Buffer.alloc(4);
    bytes.writeInt32LE(value | 0);
    return bytes.toString("hex");
};

/** A stub that stands still, or runs after {@link Gdb.resume}. */
export class Gdb {
    private readonly input: number;
    private readonly output: number;
    private readonly buffer = Buffer.alloc(65536);
    private text = "";
    private heard = false;

    /**
     * @param input - file that is written to, @param output - file that is read; both do not block,
     * and stay the caller's
     */
    constructor(input: number, output: number) {
        this.input = input;
        this.output = output;
    }

    /** Waits until the stub answers, and learns its registers' numbers. @throws NoAnswer */
    start(milliseconds: number): void {
        this.send(["qSupported:xmlRegisters=arm"]);
        this.answer(milliseconds);
        this.ask("qXfer:features:read:target.xml:0,ffb"); // from here on it knows P and p
    }

    /** Reads memory. */
    read(address: number, length: number): Uint8Array {
        const packets: string[] = [];
        for (let at = 0; at < length; at += PIECE) {
            packets.push(`m${(address + at).toString(16)},${Math.min(PIECE, length - at).toString(16)}`);
        }
        return Buffer.from(this.ask(...packets).join(""), "hex");
    }

    /** Writes memory, flash included. */
    write(address: number, data: Uint8Array): void {
        const packets: string[] = [];
        for (let at = 0; at < data.length; at += PIECE) {
            const piece = Buffer.from(data.subarray(at, at + PIECE));
            packets.push(`M${(address + at).toString(16)},${piece.length.toString(16)}:${piece.toString("hex")}`);
        }
        this.ask(...packets);
    }

    /** A register. */
    register(number: number): number {
        return Buffer.from(this.ask(`p${number.toString(16)}`)[0] ?? "", "hex").readInt32LE(0);
    }

    /** Stops before the instruction at an address. */
    breakAt(address: number): void {
        this.ask(`Z0,${address.toString(16)},2`);
    }

    /** Stops before a word is read. */
    watchReads(address: number): void {
        this.ask(`Z3,${address.toString(16)},4`);
    }

    /**
     * Sets registers, runs, and returns the packet that says why it stopped.
     *
     * @throws NoAnswer when it does not stop; it runs on then
     */
    resume(registers: readonly (readonly [number: number, value: number])[], milliseconds: number): string {
        const packets = registers.map(([number, value]) => `P${number.toString(16)}=${wordHex(value)}`);
        this.send([...packets, "c"]);
        for (const packet of packets) this.accept(packet, this.answer(milliseconds));
        return this.answer(milliseconds);
    }

    /** Stops it while it runs. */
    interrupt(milliseconds: number): string {
        this.put("\x03");
        return this.answer(milliseconds);
    }

    /** Sends packets and returns their answers. @throws Error when the stub refuses one */
    private ask(...packets: string[]): string[] {
        const answers: string[] = [];
        for (let at = 0; at < packets.length; at += TOGETHER) {
            const together = packets.slice(at, at + TOGETHER);
            this.send(together);
            for (const packet of together) answers.push(this.accept(packet, this.answer(10000)));
        }
        return answers;
    }

    private accept(packet: string, answer: string): string {
        if (answer !== "" && !/^E[0-9a-f]{2}$/.test(answer)) return answer;
        throw new Error(`QEMU refuses ${packet.slice(0, 40)}${answer === "" ? "" : `: ${answer}`}`);
    }

    private send(packets: readonly string[]): void {
        this.put(packets.map(frame).join(""));
    }

    private put(text: string): void {
        const bytes = Buffer.from(text, "latin1");
        for (let at = 0; at < bytes.length; ) at += writeSync(this.input, bytes, at);
    }

    /** The next packet that comes. */
    private answer(milliseconds: number): string {
        let until = 0;
        for (let turn = 0; ; turn += 1) {
            const packet = /\$([^#]*)#[0-9a-f]{2}/.exec(this.text);
            if (packet !== null) {
                this.text = this.text.slice(packet.index + packet[0].length);
                return packet[1] ?? "";
            }
            if (this.receive()) continue;
            if (turn < EAGER) continue;
            if (until === 0) until = Date.now() + milliseconds;
            if (Date.now() > until) throw new NoAnswer(`QEMU has not answered for ${milliseconds} ms`);
            Atomics.wait(cell, 0, 0, turn < PATIENT ? SHORT_PAUSE : LONG_PAUSE);
        }
    }

    /** Takes what is there; `false` when nothing is. @throws Gone */
    private receive(): boolean {
        let length = 0;
        try {
            length = readSync(this.output, this.buffer);
        } catch (error) {
            if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
            return false;
        }
        if (length === 0 && this.heard) throw new Gone("QEMU has ended");
        if (length > 0) this.heard = true;
        this.text += this.buffer.toString("latin1", 0, length);
        return length > 0;
    }
}
