// SPDX-License-Identifier: Apache-2.0
/** Copies of a core's memory, by snapshot and restore or by fork, never send the same random numbers. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { before, describe, it } from "mocha";
import * as abi from "../modules/abi.gen.ts";
import { entropyState } from "../modules/entropy.ts";
import type { TlsError } from "../modules/errors.ts";
import { addHwRand } from "../modules/hw_rand.ts";
import { openBinding } from "../wasm/binding.ts";
import type { Port } from "../wasm/loader.ts";
import { PORT } from "./support/abi.ts";
import type { Core } from "./support/abi.ts";
import { openCopyable } from "./support/copies.ts";
import { cachedPki, projectFolder } from "./support/pki.ts";
import type { Pki } from "./support/pki.ts";
import { biasedBits, source, uniform } from "./support/sources.ts";

const { CLIENT } = abi;

/** As a host's generator: what comes is new, whatever the core's memory says. */
const HOST: Port = {
    random: (out) => (crypto.getRandomValues(new Uint8Array(out.length)).forEach((byte, at) => void (out[at] = byte)), true),
    now: () => Date.UTC(2026, 6, 1),
};

describe("copies of a core", () => {
    let pki: Pki;

    before(async () => {
        pki = await cachedPki();
    });

    const begin = (core: Core): number => core.session(core.context(CLIENT, pki.ec), "localhost") as number;

    /** Random and key share of a ClientHello; all of it that is not constant. */
    const hello = (core: Core, session: number): string => {
        core.run(session);
        const bytes = core.output(session);
        assert.ok(bytes.length > 100);
        return bytes;
    };

    /** What two turns say that begin with the same memory. */
    const twice = async (port: Port, step: (core: Core) => string, start: (core: Core) => void): Promise<string[]> => {
        const { core, memory } = await openCopyable(port);
        start(core);
        const snapshot = memory.slice();
        const first = step(core);
        memory.set(snapshot);
        const second = step(core);
        core.close();
        return [first, second];
    };

    it("restored before a session is made, and restored between session and hello", async () => {
        const fresh = await twice(HOST, (core) => hello(core, begin(core)), () => undefined);
        assert.notEqual(fresh[0], fresh[1]);
        const seeded = await twice(HOST, (core) => hello(core, begin(core)), (core) => void begin(core));
        assert.notEqual(seeded[0], seeded[1]);
        let session = 0;
        const made = await twice(HOST, (core) => hello(core, session), (core) => {
            session = begin(core);
        });
        assert.equal(made[0]?.length, made[1]?.length);
        const [one = "", other = ""] = made;
        assert.notEqual(one.slice(11, 43), other.slice(11, 43), "the random");
        const differing = [...one].filter((byte, at) => byte !== other[at]).length;
        assert.ok(differing > 80, "and session identifier and key share: 32 bytes each");
    });

    it("a saved seed", async () => {
        const save = (core: Core): string => {
            const at = core.binding.put("x".repeat(32), 0, 32);
            assert.equal(core.call(abi.ENTRY_ENTROPY_SAVE, at, 32), 0);
            return core.binding.get(at, 32);
        };
        const [first, second] = await twice(HOST, save, (core) => void begin(core));
        assert.notEqual(first, second);
    });

    it("forked: both go on from one memory", async () => {
        const [parent, child] = [await openCopyable(HOST), await openCopyable(HOST)];
        const session = begin(parent.core);
        child.memory.set(parent.memory);
        assert.notEqual(hello(parent.core, session), hello(child.core, session));
        assert.equal(entropyState(child.core.binding).seedings, entropyState(parent.core.binding).seedings);
        parent.core.close();
        child.core.close();
    });

    it("the comparison sees a repetition where there is one: a board's slow source", async () => {
        const slow = { ...HOST, sources: [source(biasedBits(0.5, 1))] };
        let session = 0;
        const [first, second] = await twice(slow, (core) => hello(core, session), (core) => {
            session = begin(core);
        });
        assert.equal(first, second);
    });
});

describe("E.hwRand as a seed", () => {
    it("2,048 words make the first seed of a core without sources", async () => {
        const binding = await openBinding(65536, 0, { ...PORT, sources: [] });
        const next = uniform(1);
        let words = 0;
        addHwRand(binding, () => ((words += 1), (next() * 2 ** 32) | 0));
        assert.equal(words, 2048);
        assert.equal(entropyState(binding).bits, 512);
        const at = binding.put("x".repeat(32), 0, 32);
        assert.equal(binding.call(abi.ENTRY_ENTROPY_SAVE, at, 32, 0), 0);
        assert.notEqual(binding.get(at, 32), "x".repeat(32));
        binding.close();
    });

    it("one that repeats a word is refused, and nothing counts", async () => {
        const binding = await openBinding(65536, 0, { ...PORT, sources: [] });
        assert.throws(() => addHwRand(binding, () => 4), (error: TlsError) => {
            assert.equal(error.code, "ETLS_ENTROPY_FAILED");
            assert.match(error.message, /source E\.hwRand failed its repetition count test at sample 2;/);
            return true;
        });
        assert.equal(entropyState(binding).bits, 0);
        binding.close();
    });
});

describe("the POSIX port", () => {
    it("takes the system's generator, which a fork does not repeat, and both clocks", function () {
        const root = projectFolder();
        const program = join(root, "build/probe/posix_port");
        const files = ["native/ports/posix/port.c", "native/ports/posix/entropy_getrandom.c", "test/native/posix_port.c"];
        const flags = ["-std=c99", "-Wall", "-Wextra", "-Werror", "-Wconversion", "-Wshadow"];
        mkdirSync(join(root, "build/probe"), { recursive: true });
        try {
            execFileSync("cc", [
                ...flags, `-I${join(root, "native/include")}`, ...files.map((name) => join(root, name)), "-o", program,
            ], { stdio: "pipe" });
        } catch (error) {
            const reason = String((error as { stderr?: unknown }).stderr ?? error);
            if (!/ENOENT|unistd\.h.*(No such file|not found)/.test(reason)) throw error;
            console.log("      not run: this machine has no C compiler with the headers of its system");
            this.skip();
        }
        const lines = execFileSync(program, { encoding: "utf8" }).trim().split("\n");
        assert.equal(lines[0], "getentropy 8 128 5 16 1");
        const [time = 0, uptime = 0] = (lines[1] ?? "").split(" ").map(Number);
        assert.ok(Math.abs(time - Date.now()) < 60000 && uptime > 0);
        assert.equal(lines.length, 4);
        assert.match(lines[2] ?? "", /^[0-9a-f]{64}$/);
        assert.match(lines[3] ?? "", /^[0-9a-f]{64}$/);
        assert.notEqual(lines[2], lines[3]);
    });
});
