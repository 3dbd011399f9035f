// SPDX-License-Identifier: Apache-2.0
/**
 * The set-up's decisions, checked without a network and without installing anything.
 */
import assert from "node:assert/strict";
import {
    existsSync,
    mkdirSync,
    mkdtempSync,
    readFileSync,
    rmSync,
    writeFileSync,
} from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, beforeEach, describe, it } from "mocha";

interface Archive {
    uri: string;
    suites: string[];
    components: string[];
    signedBy?: string;
    trusted: boolean;
}

interface Missing {
    tool: { command: string; package: string; goals: string[]; minimum?: string };
    fault?: string;
}

/** The parts of native/setup that are tested; they run before TypeScript is there. */
const { compareVersions, findVersion } = (await load("tools.mjs")) as {
    compareVersions(a: string, b: string): number;
    findVersion(text: string): string | undefined;
};
const { parseOneLine, parseDeb822 } = (await load("apt-sources.mjs")) as {
    parseOneLine(text: string): Archive[];
    parseDeb822(text: string): Archive[];
};
const { distributionArchives, poolUrls, sourceStanzas, matchingVersion } = (await load(
    "debian-source.mjs",
)) as {
    distributionArchives(sources: Archive[]): Archive[];
    poolUrls(archives: Archive[]): string[];
    sourceStanzas(archives: Archive[]): string;
    matchingVersion(text: string): string | undefined;
};
const { refuseInstall, explainFailure, describeProgress } = (await load("packages.mjs")) as {
    refuseInstall(
        missing: Missing[],
        machine: { hasApt: boolean; isRoot: boolean; maySudo: boolean },
    ): string | undefined;
    explainFailure(missing: Missing[], log: string, logFile: string): string;
    describeProgress(log: string): string;
};
const { ensureMbedtls } = (await load("mbedtls.mjs")) as {
    ensureMbedtls(root: string, env: Record<string, string>): Promise<void>;
};

const { download } = (await load("download.mjs")) as {
    download(
        url: string,
        target: string,
        onProgress: (received: number, total: number) => void,
    ): Promise<string | undefined>;
};

function load(name: string): Promise<unknown> {
    return import(new URL(`../../native/setup/${name}`, import.meta.url).href);
}

const DEBIAN_SOURCES = `Types: deb deb-src
# A comment in the middle
URIs: http://deb.debian.org/debian/
Suites: bookworm bookworm-updates
Components: main contrib
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
URIs: http://deb.debian.org/debian-security
Suites: bookworm-security
Components: main
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 mDMEY865UxYJKwYBBAHaRw8BAQdAd7Z0srwuhlB6JKFkcf4HU4SSS/xcRfwEQWzr
 -----END PGP PUBLIC KEY BLOCK-----

Types: deb
Enabled: no
URIs: https://example.org/off
Suites: bookworm
Components: main
`;

const ONE_LINE_SOURCES = `# deb http://commented.example/debian bookworm main
deb http://archive.ubuntu.com/ubuntu noble main universe # the usual
deb-src http://archive.ubuntu.com/ubuntu noble main
deb [signed-by=/etc/keys/a.gpg trusted=yes] https://example.org/x/ noble-security main universe
deb [signed-by=/etc/apt/keyrings/docker.gpg] https://download.example.org/linux noble stable
deb https://flat.example.org ./
`;

describe("set-up: versions", () => {
    it("compares number by number", () => {
        assert.ok(compareVersions("3.1.6", "3.1.6") === 0);
        assert.ok(compareVersions("3.1.10", "3.1.6") > 0);
        assert.ok(compareVersions("3.1", "3.1.6") < 0);
        assert.ok(compareVersions("20.19.0", "20.19") === 0);
        assert.ok(compareVersions("4.0", "3.99.99") > 0);
    });

    it("finds the version in what programs print", () => {
        assert.equal(findVersion("emcc (Emscripten gcc/clang-like) 3.1.6 ()"), "3.1.6");
        assert.equal(findVersion("nginx version: nginx/1.22.1"), "1.22.1");
        assert.equal(findVersion("OpenSSL 1.1.1w  11 Sep 2023"), "1.1.1");
        assert.equal(findVersion("no numbers"), undefined);
    });
});

describe("set-up: apt's sources", () => {
    it("reads the deb822 format", () => {
        const [main, security, ...more] = parseDeb822(DEBIAN_SOURCES);
        assert.deepEqual(main, {
            uri: "http://deb.debian.org/debian",
            suites: ["bookworm", "bookworm-updates"],
            components: ["main", "contrib"],
            signedBy: "/usr/share/keyrings/debian-archive-keyring.gpg",
            trusted: false,
        });
        assert.match(security?.signedBy ?? "", /^\n -----BEGIN[^]*-----END PGP PUBLIC KEY BLOCK/);
        assert.deepEqual(more, []);
    });

    it("reads the one-line format", () => {
        const archives = parseOneLine(ONE_LINE_SOURCES);
        assert.deepEqual(
            archives.map(({ uri, suites }) => [uri, ...suites]),
            [
                ["http://archive.ubuntu.com/ubuntu", "noble"],
                ["https://example.org/x", "noble-security"],
                ["https://download.example.org/linux", "noble"],
                ["https://flat.example.org", "./"],
            ],
        );
        assert.deepEqual(archives[0]?.components, ["main", "universe"]);
        assert.equal(archives[1]?.signedBy, "/etc/keys/a.gpg");
        assert.equal(archives[1]?.trusted, true);
    });

    it("asks the distribution's archives and Debian's, each in its own way", () => {
        const debian = distributionArchives(parseDeb822(DEBIAN_SOURCES));
        assert.deepEqual(poolUrls(debian), [
            "http://deb.debian.org/debian/pool/main/m/mbedtls/mbedtls_3.6.7.orig.tar.bz2",
            "http://deb.debian.org/debian-security/pool/updates/main/m/mbedtls/" +
                "mbedtls_3.6.7.orig.tar.bz2",
        ]);
        const ubuntu = distributionArchives(parseOneLine(ONE_LINE_SOURCES));
        assert.deepEqual(
            poolUrls(ubuntu).map((url) => url.replace("/m/mbedtls/mbedtls_3.6.7.orig.tar.bz2", "")),
            [
                "http://archive.ubuntu.com/ubuntu/pool/main",
                "http://archive.ubuntu.com/ubuntu/pool/universe",
                "https://example.org/x/pool/main",
                "https://example.org/x/pool/universe",
                "http://deb.debian.org/debian/pool/main",
            ],
        );
    });

    it("makes a private configuration of source entries with newer suites", () => {
        const [first = "", second = ""] = sourceStanzas([
            { uri: "http://a/debian", suites: ["trixie"], components: ["main"], trusted: false },
            {
                uri: "http://a/ubuntu",
                suites: ["noble"],
                components: ["universe"],
                signedBy: "/k.gpg",
                trusted: true,
            },
        ]).split("\n\n");
        assert.equal(
            first,
            "Types: deb-src\nURIs: http://a/debian\nSuites: trixie forky sid\nComponents: main",
        );
        assert.match(second, /Suites: noble devel\n.*\nSigned-By: \/k.gpg\nTrusted: yes\n/);
    });

    it("picks the package version of the pinned release only", () => {
        const shown = "Version: 2.28.3-1\nVersion: 3.6.70-1\nVersion: 3.6.7-3\n";
        assert.equal(matchingVersion(shown), "3.6.7-3");
        assert.equal(matchingVersion("Version: 3.6.6-1\n"), undefined);
    });
});

describe("set-up: missing programs", () => {
    const emcc: Missing = {
        tool: { command: "emcc", package: "emscripten", goals: ["build"], minimum: "3.1.6" },
    };
    const curl: Missing = {
        tool: { command: "curl", package: "curl", goals: ["test"] },
        fault: "/usr/bin/curl does not tell its version",
    };

    it("names what to run without root and without sudo", () => {
        assert.equal(
            refuseInstall([emcc], { hasApt: true, isRoot: false, maySudo: false }),
            "emcc is missing, and this user is not root and has no sudo without a password: run " +
                '"sudo apt-get install --yes --no-install-recommends emscripten", then start ' +
                "this again.",
        );
        assert.equal(
            refuseInstall([emcc], { hasApt: true, isRoot: false, maySudo: true }),
            undefined,
        );
    });

    it("names what is wanted on other systems", () => {
        const text = refuseInstall([emcc, curl], { hasApt: false, isRoot: true, maySudo: false });
        assert.match(text ?? "", /^\/usr\/bin\/curl does not tell its version and emcc is miss/);
        assert.match(text ?? "", /install emcc 3\.1\.6 or newer and curl by/);
    });

    it("tells no network from an unknown package", () => {
        const offline =
            "Err:1 http://deb.debian.org/debian bookworm InRelease\n" +
            "  Temporary failure resolving 'deb.debian.org'\nE: Unable to locate package emcc";
        assert.match(explainFailure([emcc], offline, "log"), /archive cannot be reached: connect/);
        const unknown = "E: Unable to locate package emscripten";
        assert.match(explainFailure([emcc], unknown, "log"), /does not know emscripten: enable/);
        assert.match(explainFailure([emcc], "E: Broken", "log"), /\(E: Broken\): see log\.$/);
    });
});

describe("set-up: progress of apt-get", () => {
    it("counts the packages of the stage it is in", () => {
        const start = "0 upgraded, 3 newly installed\nGet:1 http://a\nGet:2 http://b\n";
        assert.equal(describeProgress("Reading package lists...\n"), "reading the package lists");
        assert.equal(describeProgress(start), "fetching 2 of 3");
        const mixed = `${start}Unpacking a\nSetting up a\nUnpacking b\n`;
        assert.equal(describeProgress(mixed), "unpacking 2 of 3");
        assert.equal(describeProgress(`${mixed}Setting up b\n`), "setting up 2 of 3");
    });
});

describe("set-up: download", () => {
    const body = "x".repeat(100_000);
    const target = join(tmpdir(), `etls-download-${process.pid}`);
    let server: Server;
    let base = "";

    before((done) => {
        server = createServer((request, response) => {
            response.writeHead(request.url === "/file" ? 200 : 404, {
                "content-length": body.length,
            });
            response.end(body);
        }).listen(0, "127.0.0.1", () => {
            base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
            done();
        });
    });

    after(() => {
        server.closeAllConnections();
        server.close();
        rmSync(target, { force: true });
    });

    it("saves the file and tells how far it is", async () => {
        let last = [0, 0];
        const failure = await download(`${base}/file`, target, (received, total) => {
            last = [received, total];
        });
        assert.equal(failure, undefined);
        assert.equal(readFileSync(target, "utf8"), body);
        assert.deepEqual(last, [body.length, body.length]);
    });

    it("gives the reason when there is nothing", async () => {
        assert.equal(await download(`${base}/none`, target, () => {}), "HTTP status 404");
    });
});

describe("set-up: MBEDTLS_SOURCE", () => {
    let folder = "";

    beforeEach(() => {
        folder = mkdtempSync(join(tmpdir(), "etls-setup-test-"));
    });

    afterEach(() => {
        rmSync(folder, { recursive: true, force: true });
    });

    it("refuses an archive with another hash and states both", async () => {
        const archive = join(folder, "mbedtls-3.6.7.tar.bz2");
        writeFileSync(archive, "not the release");
        await refused(
            archive,
            new RegExp(
                "is refused, its SHA-256 is [0-9a-f]{64} and that of Mbed TLS 3\\.6\\.7 is " +
                    "a7e8bcbec0e6f761b4af24f25677626b35f762f68eef79c08677a363212d11f6",
            ),
        );
    });

    it("refuses a path where nothing is", async () => {
        await refused(join(folder, "nothing"), /does not exist: set it to/);
    });

    it("refuses a folder without Mbed TLS", async () => {
        await refused(folder, /holds no Mbed TLS where 3\.6\.7 is needed/);
    });

    it("refuses a folder of another version", async () => {
        await refused(makeSource("3.6.6"), /holds Mbed TLS 3\.6\.6 where 3\.6\.7 is needed/);
    });

    it("refuses a git checkout without generated files", async () => {
        await refused(makeSource("3.6.7"), /make generated_files/);
    });

    it("uses a folder of the right version", async () => {
        const source = makeSource("3.6.7");
        mkdirSync(join(source, "library"));
        writeFileSync(join(source, "library/psa_crypto_driver_wrappers.h"), "");
        await ensureMbedtls(folder, { MBEDTLS_SOURCE: source });
        const target = join(folder, "build/mbedtls-3.6.7");
        assert.ok(existsSync(join(target, "include/mbedtls/build_info.h")));
        // A path that leads back to the link must not delete what it links to.
        await ensureMbedtls(folder, { MBEDTLS_SOURCE: target });
        assert.ok(existsSync(join(target, "include/mbedtls/build_info.h")));
    });

    /** Expects MBEDTLS_SOURCE to be refused with nothing left behind. */
    async function refused(source: string, message: RegExp): Promise<void> {
        await assert.rejects(ensureMbedtls(folder, { MBEDTLS_SOURCE: source }), { message });
        assert.ok(!existsSync(join(folder, "build/mbedtls-3.6.7")));
    }

    /** Makes a folder that says it is this version of Mbed TLS. */
    function makeSource(version: string): string {
        const source = join(folder, "source");
        mkdirSync(join(source, "include/mbedtls"), { recursive: true });
        const text = `#define MBEDTLS_VERSION_STRING         "${version}"\n`;
        writeFileSync(join(source, "include/mbedtls/build_info.h"), text);
        return source;
    }
});
