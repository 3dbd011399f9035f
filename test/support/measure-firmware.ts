// SPDX-License-Identifier: Apache-2.0
/**
 * Figures of a Pico with Espruino's own firmware, emulated: time and memory of a first request in a program,
 * through the tether. Flash has no wait states in the emulator.
 *
 * @module
 */
import assert from "node:assert/strict";
import { hasFirmware, Pico } from "../device/pico.ts";
import { derOf } from "./abi.ts";
import { CIPHERS, fixedIdentity, NOW, read } from "./measure.ts";
import type { Chain, Figures } from "./measure.ts";
import { nodeHttpsServer } from "./node-servers.ts";
import type { Version } from "./servers.ts";

/** Cycles in a millisecond at 125 MHz. */
const CYCLES_PER_MS = 125_000;

/** Milliseconds, to ten: the last digit depends on the random numbers of both ends. */
const round = (ms: number): number => Math.round(ms / 10) * 10;

/** Prints where the image lies. */
const FIND = `
    var image = require("Storage").read("tls-image"), at = E.getAddressOf(image, true);
    print("@@", at, at + image.length);
    print("DONE");`;

/** Prints blocks when loaded, at the first byte, afterwards; milliseconds to the first byte; bytes of arena. */
const request = (chain: Chain, port: number): string => `
    setTime(${NOW / 1000});
    var ca = atob("${Buffer.from(derOf(read(`memory-${chain}-root.pem`))).toString("base64")}");
    var before = process.memory().usage, started, loaded;
    function blocks() { return process.memory().usage - before; }
    var tls = require("tls"), https = require("https");
    loaded = blocks();
    started = getTime();
    https.get({ host: "localhost", port: ${port}, path: "/", ca: ca }, function (response) {
        var time = (getTime() - started) * 1000, first = blocks();
        response.on("data", function () {});
        response.on("end", function () {
            setTimeout(function () {
                print("@@", loaded, first, blocks(), time, tls.memory().peak, tls.memory().size);
                print("DONE");
            }, 500);
        });
    });`;

/** A request in a program of its own, after a restart. */
async function measureRequest(pico: Pico, chain: Chain, version: Version, image: [number, number]): Promise<Figures> {
    const server = await nodeHttpsServer({
        identity: fixedIdentity(chain), version, tls: { ciphers: CIPHERS }, handler: (_, response) => response.end("x"),
    });
    const before = await pico.cycles(...image);
    const lines = await pico.run(request(chain, server.port));
    const crypto = ((await pico.cycles(...image)) - before) / CYCLES_PER_MS;
    await server.close();
    const [loaded = 0, first = 0, idle = 0, time = 0, peak = 0, size = 0] = (lines[0] ?? "").split(" ").slice(1).map(Number);
    assert.ok(time > crypto && crypto > 0, lines.join());
    const name = `tls${version.replace(".", "")}.${chain}`;
    return {
        "blocks.firmware.loaded": loaded,
        [`blocks.firmware.${name}.first`]: first,
        [`blocks.firmware.${name}.idle`]: idle,
        [`time.firmware.${name}.first.ms`]: round(time),
        [`time.firmware.${name}.core.ms`]: round(crypto),
        [`heap.firmware.${name}.peak`]: peak,
        "arena.firmware.bytes": size,
    };
}

/** Blocks, bytes and milliseconds; nothing where there is no firmware. */
export async function measureFirmware(): Promise<Figures> {
    if (!hasFirmware()) return {};
    const figures: Figures = {};
    const pico = new Pico();
    try {
        await pico.start();
        assert.match((await pico.cli("install")).output, /Installed: /);
        const [start = 0, end = 0] = ((await pico.run(FIND))[0] ?? "").split(" ").slice(1).map(Number);
        for (const version of ["1.2", "1.3"] as const) {
            for (const chain of ["ec", "rsa"] as const) {
                Object.assign(figures, await measureRequest(pico, chain, version, [start, end]));
            }
        }
    } finally {
        await pico.remove();
    }
    return figures;
}
