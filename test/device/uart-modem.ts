// SPDX-License-Identifier: Apache-2.0
/**
 * The emulated modem at a UART of the emulated RP2040: bytes take their time at the baud rate, and those
 * that the full FIFO cannot take are lost, as on the chip (RP2040 datasheet, section 4.2.3).
 */
import type { Simulator } from "rp2040js";
import { EspAt } from "../support/esp-at.ts";

/** Bits of a byte on the wire: a start bit, eight, a stop bit. */
const BITS = 10;

/** What a byte looks like at another rate, about. */
const GARBAGE = 0xa5;

/** In the flag register: the receive FIFO is full. */
const FULL = 1 << 6;

/** The modem at a UART, and how many bytes were lost. */
export class UartModem {
    readonly modem = new EspAt();
    lost = 0;
    private readonly waiting: number[] = [];

    constructor(simulator: Simulator, index: number) {
        const uart = simulator.rp2040.uart[index];
        if (!uart) throw new RangeError(`there is no UART ${index}`);
        const board = (): number => uart.baudRate;
        let rate = 115_200;
        this.modem.onBaud = (baud) => {
            // Its answer still goes out at the old rate.
            this.waiting.push(-baud);
        };
        const same = (): boolean => Math.abs(board() / rate - 1) < 0.03;
        const sent: number[] = [];
        const arrival = simulator.clock.createAlarm(() => {
            const byte = sent.shift() as number;
            if (sent.length > 0) arrival.schedule((BITS / board()) * 1e9);
            this.modem.input(Uint8Array.of(same() ? byte : byte ^ GARBAGE));
        });
        uart.onByte = (byte) => {
            if (sent.push(byte) === 1) arrival.schedule((BITS / board()) * 1e9);
        };
        let running = false;
        const alarm = simulator.clock.createAlarm(() => {
            let byte = this.waiting.shift();
            if (byte !== undefined && byte < 0) {
                rate = -byte;
                byte = this.waiting.shift();
            }
            running = byte !== undefined;
            if (byte === undefined) return;
            if (uart.flags & FULL) this.lost += 1;
            else uart.feedByte(same() ? byte : byte ^ GARBAGE);
            alarm.schedule((BITS / rate) * 1e9);
        });
        this.modem.onOutput = (data) => {
            for (const byte of data) this.waiting.push(byte);
            if (running) return;
            running = true;
            alarm.schedule((BITS / rate) * 1e9);
        };
    }
}

