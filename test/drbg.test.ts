// SPDX-License-Identifier: Apache-2.0
/**
 * Mbed TLS's CTR_DRBG, as configured and built here, against the vectors of NIST's Cryptographic Algorithm
 * Validation Program (CTR_DRBG, AES-256 with derivation function; drbgtestvectors.zip). They come
 * with Mbed TLS's own sources, which the set-up fetches: tests/suites/test_suite_ctr_drbg.data.
 */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { before, describe, it } from "mocha";
import { generate, loadProbe, mbedtlsFolder } from "./support/probe.ts";
import type { Probe } from "./support/probe.ts";

/** Functions of the suite: when they reseed, and into how many pieces the entropy is cut. */
const MODES: Record<string, [reseeds: number, pieces: number]> = {
    no_reseed: [0, 1],
    reseed_first: [1, 2],
    reseed_between: [2, 2],
    pr: [3, 3],
};

interface Vector {
    title: string;
    /** Personalisation, entropy, first additional input, reseed, second. */
    texts: string[];
    seed: number;
    reseeds: number;
    result: string;
}

/** Reads the suite; vectors for AES-128 are left out, as it is not what is built. */
function parse(text: string): Vector[] {
    return text.split("\n\n").flatMap((block) => {
        const [title = "", ...lines] = block.trim().split("\n");
        const call = /^ctr_drbg_validate_(\w+):(.*)$/.exec(lines.at(-1) ?? "");
        const mode = MODES[call?.[1] ?? ""];
        if (!call || !mode || /AES-128/.test(title) || /[^!]MBEDTLS_CTR_DRBG_USE_128_BIT_KEY/.test(block)) return [];
        const values = (call[2] ?? "").split(":").map((value) => value.replaceAll('"', ""));
        const result = values.pop() ?? "";
        const [custom = "", entropy = "", first = "", ...rest] = values;
        const second = rest.pop() ?? "";
        const [reseeds, pieces] = mode;
        return [{
            title, texts: [custom, entropy, first, rest[0] ?? "", second], seed: entropy.length / 2 / pieces, reseeds, result,
        }];
    });
}

describe("CTR_DRBG", () => {
    let probe: Probe;
    let vectors: Vector[];

    before(async function () {
        const file = join(await mbedtlsFolder(), "tests/suites/test_suite_ctr_drbg.data");
        if (!existsSync(file)) {
            console.log(`      not run: ${file} is not part of the given source of Mbed TLS`);
            this.skip();
        }
        vectors = parse(readFileSync(file, "utf8"));
        probe = await loadProbe();
    });

    const answer = ({ texts, seed, reseeds, result }: Vector): string =>
        generate(probe, texts, seed, reseeds, result.length / 2);

    it("NIST's 240 vectors for AES-256 with derivation function, with and without prediction resistance", () => {
        const nist = vectors.filter(({ title }) => title.includes("NIST Validation (AES-256 use df"));
        assert.equal(nist.length, 240);
        assert.equal(new Set(nist.map(({ title }) => title.split("#")[0])).size, 8);
        for (const vector of nist) assert.equal(answer(vector), vector.result, vector.title);
    });

    it("and the others of the suite", () => {
        const others = vectors.filter(({ title }) => !title.includes("NIST Validation"));
        assert.ok(others.length >= 10);
        for (const vector of others) assert.equal(answer(vector), vector.result, vector.title);
    });

    it("another bit anywhere gives another answer, and less entropy none", () => {
        for (const vector of vectors.filter((_, index) => index % 40 === 0)) {
            vector.texts.forEach((text, index) => {
                const used = index !== 3 || vector.reseeds === 1 || vector.reseeds === 2;
                if (text === "" || !used) return;
                const changed = (parseInt(text[0] ?? "0", 16) ^ 8).toString(16) + text.slice(1);
                const texts = vector.texts.map((old, at) => (at === index ? changed : old));
                assert.notEqual(answer({ ...vector, texts }), vector.result, vector.title);
            });
            const short = vector.texts.map((text, index) => (index === 1 ? text.slice(2) : text));
            assert.throws(() => answer({ ...vector, texts: short }), /-0x34/);
        }
    });
});
