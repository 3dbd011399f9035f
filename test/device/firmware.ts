// SPDX-License-Identifier: Apache-2.0
/**
 * A Raspberry Pi Pico in an emulator, as a process of its own: boots a firmware from its UF2 file and
 * offers the USB console as a TCP port, as the command line takes it (`tcp://localhost:PORT`).
 *
 *     ESPRUINO_RP2040_UF2=… RP2040_BOOTROM=… node dist/test/device/firmware.js [FLASH [UF2…]]
 *
 * FLASH is a file that keeps the flash over power cycles; UF2 files are dropped on the boot drive
 * before. A message `{ type: "save" }` of the parent process writes FLASH and is answered `saved`; the
 * emulated time is told as `{ type: "time", ms }`, how often flash was erased or programmed as
 * `{ type: "changes", count }`. After `{ type: "cut", after }` that many more changes are made, half of
 * the last of them, and then the cable is pulled: FLASH is written, and the process ends. `{ type:
 * "noise" }` is answered with the bits that the ring oscillator has given since the last such message, as a
 * text of 0 and 1. `{ type: "cycles", from, to }` is answered with the cycles that code at these addresses
 * has taken since such a message told of it first. At UART 0 is a modem with ESP-AT firmware; `{ type: "modem" }` is answered with
 * `lost`, the bytes that its FIFO could not take, and `open`, its connections.
 */
import { randomFillSync } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import { Simulator, USBCDC } from "rp2040js";
import { UartModem } from "./uart-modem.ts";
import { RingOscillator, ROSC } from "../../native/emulated/rp2040.ts";

const FLASH_START = 0x10000000;
const RAM = 0x20000000;

const SECTOR = 4096;

/**
 * Writes a UF2 file (github.com/microsoft/uf2) as the boot ROM does: with the first of 16 blocks, by
 * their numbers, it erases the sector where that one goes; programming clears bits.
 */
const loadUf2 = function (file: Buffer, flash: Uint8Array): void {
    const erased: Set<number> = new Set();
    for (let at = 0; at + 512 <= file.length; at += 512) {
        const to = file.readUInt32LE(at + 12) - FLASH_START;
        const size = file.readUInt32LE(at + 16);
        const group = file.readUInt32LE(at + 20) >> 4;
        if (!erased.has(group)) flash.fill(0xff, to - (to % SECTOR), to - (to % SECTOR) + SECTOR);
        erased.add(group);
        for (let byte = 0; byte < size; byte += 1) flash[to + byte] = (flash[to + byte] ?? 0) & (file[at + 32 + byte] ?? 0);
    }
};

/** Codes of functions in the boot ROM's table (RP2040 datasheet, section 2.8.3). */
const RANGE_ERASE = 0x4552; // "RE"
const RANGE_PROGRAM = 0x5052; // "RP"

/** Where the boot ROM has a function: its table of code and address is at the address in 0x14. */
const romFunction = function (rom: Uint8Array, code: number): number {
    const words = new DataView(rom.buffer, rom.byteOffset, rom.byteLength);
    for (let at = words.getUint16(0x14, true); words.getUint16(at, true) !== 0; at += 4) {
        if (words.getUint16(at, true) === code) return words.getUint16(at + 2, true) & ~1;
    }
    throw new Error("this is not the boot ROM of an RP2040");
};

const simulator = new Simulator();
const mcu = simulator.rp2040;
const quiet = (): void => {};
mcu.logger = { debug: quiet, info: quiet, warn: quiet, error: quiet };

// The emulator's own ring oscillator stands still, which the core's health tests notice.
let noise = "";
const random = function (out: Uint8Array): boolean {
    randomFillSync(out);
    for (const byte of out) noise += byte & 1;
    return true;
};
mcu.peripherals[ROSC] = new RingOscillator(mcu, { port: { random, now: () => 0 } });

const uart = new UartModem(simulator, 0);

/** Code whose cycles are counted: its addresses, the cycles. */
let counted: { from: number; to: number; cycles: number } | undefined;

const execute = mcu.core.executeInstruction.bind(mcu.core);

/** Counts, which makes the emulator slower, from the first time on that it is asked for. */
const countCycles = function (from: number, to: number): number {
    if (counted?.from === from && counted.to === to) return counted.cycles;
    const { core } = mcu;
    const part = (counted = { from, to, cycles: 0 });
    core.executeInstruction = () => {
        const inside = core.PC >= from && core.PC < to;
        const cycles = execute();
        if (inside) part.cycles += cycles;
        return cycles;
    };
    return 0;
};

/** Where the Pico sees whether its USB has power (Pico datasheet, figure 3); without, the console moves to UART 0. */
const VBUS = 24;
mcu.gpio[VBUS]?.setInputValue(true);

const rom = readFileSync(process.env["RP2040_BOOTROM"] ?? "");
// The emulator has no flash chip behind its SSI: the two functions that change it become breakpoints.
const BREAK = 0xbe00;
const RETURN = 0x4770; // bx lr
for (const [number, code] of [RANGE_ERASE, RANGE_PROGRAM].entries()) {
    const at = romFunction(rom, code);
    rom.writeUInt16LE(BREAK + number, at);
    rom.writeUInt16LE(RETURN, at + 2);
}
mcu.loadBootrom(new Uint32Array(rom.buffer.slice(rom.byteOffset, rom.byteOffset + rom.length)));
/** How often flash was changed, and after which change there is no power. */
let changes = 0;
let lastChange = Infinity;
mcu.onBreak = (number) => {
    const [offset = 0, second = 0, third = 0] = mcu.core.registers;
    changes += 1;
    const part = changes < lastChange ? 1 : 0.5;
    if (number === 0) {
        mcu.flash.fill(0xff, offset, offset + second * part);
    } else {
        for (let at = 0; at < third * part; at += 1) {
            const from = second + at;
            const byte = from >= RAM ? mcu.readUint8(from) : (mcu.flash[from - FLASH_START] ?? 0);
            mcu.flash[offset + at] = (mcu.flash[offset + at] ?? 0) & byte; // programming clears bits
        }
    }
    if (changes < lastChange) return;
    save();
    process.exit();
};
mcu.flash.fill(0xff);
const [kept, ...drops] = process.argv.slice(2);
const save = function (): void {
    if (kept !== undefined) writeFileSync(kept, mcu.flash);
};
if (kept !== undefined && existsSync(kept)) mcu.flash.set(readFileSync(kept));
else loadUf2(readFileSync(process.env["ESPRUINO_RP2040_UF2"] ?? ""), mcu.flash);
for (const file of drops) loadUf2(readFileSync(file), mcu.flash);

const console_ = new USBCDC(mcu.usbCtrl);
/** What was typed and the firmware has not taken yet: the emulated queue holds 512 bytes. */
let typed: number[] = [];
const flush = function (): void {
    const queue = console_.txFIFO;
    while (typed.length > 0 && queue.itemCount < 256) console_.sendSerialByte(typed.shift() as number);
};
setInterval(flush, 1);

let client: Socket | undefined;
console_.onSerialData = (data) => void client?.write(data);
const server = createServer((socket) => {
    client?.destroy();
    client = socket;
    typed = [];
    socket.setNoDelay(true);
    socket.on("data", (data) => {
        for (const byte of data) typed.push(byte);
        flush();
    });
    socket.on("error", quiet);
    socket.on("close", () => {
        if (client === socket) client = undefined;
    });
});

process.on("message", (message: { type: string; after?: number; from?: number; to?: number }) => {
    if (message.type === "time") process.send?.({ type: "time", ms: simulator.clock.nanos / 1e6 });
    if (message.type === "changes") process.send?.({ type: "changes", count: changes });
    if (message.type === "cut") lastChange = changes + (message.after ?? 0);
    if (message.type === "cycles") process.send?.({ type: "cycles", count: countCycles(message.from ?? 0, message.to ?? 0) });
    if (message.type === "noise") {
        process.send?.({ type: "noise", bits: noise });
        noise = "";
    }
    if (message.type === "modem") process.send?.({ type: "modem", lost: uart.lost, open: uart.modem.open });
    if (message.type !== "save") return;
    save();
    process.send?.({ type: "saved" });
});
process.on("disconnect", () => process.exit());

console_.onDeviceConnected = () => {
    server.listen(0, "127.0.0.1", () => {
        const { port } = server.address() as AddressInfo;
        if (process.send) process.send({ type: "ready", port });
        else console.log(`tcp://127.0.0.1:${port}`);
    });
};
mcu.core.PC = FLASH_START;
simulator.execute();
