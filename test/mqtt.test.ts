// SPDX-License-Identifier: Apache-2.0
/** MQTT end to end: the npm client `mqtt` over our socket, and a real mosquitto. */
import assert from "node:assert/strict";
import type { Duplex } from "node:stream";
import { MqttClient } from "mqtt";
import type { IClientOptions } from "mqtt";
import { afterEach, before, beforeEach, describe, it } from "mocha";
import type { ConnectOptions } from "../modules/tls.ts";
import type { TLSSocket } from "../modules/tls_socket.ts";
import { toDuplex } from "../wasm/node.ts";
import type { EspruinoTls } from "../wasm/node.ts";
import { until } from "./support/attempt.ts";
import { closeClean, openCore } from "./support/core.ts";
import { mosquitto } from "./support/mosquitto.ts";
import type { BrokerOptions } from "./support/mosquitto.ts";
import { cachedPki } from "./support/pki.ts";
import type { Pki } from "./support/pki.ts";
import { skipWithout } from "./support/processes.ts";
import type { Server } from "./support/servers.ts";

const MESSAGES = 1000;
const LOGIN = ["sensor-7", "öl & wasser"] as const;

describe("MQTT over TLS, mqtt and mosquitto", function () {
    this.timeout(30_000);
    let pki: Pki;
    let core: EspruinoTls;
    let broker: Server | undefined;
    const clients: MqttClient[] = [];

    before(async function () {
        skipWithout(this, "mosquitto");
        pki = await cachedPki();
    });
    beforeEach(async () => {
        core = await openCore({ arena: 65536 });
    });
    afterEach(async () => {
        await Promise.all(clients.splice(0).map((client) => client.endAsync(true)));
        await broker?.close();
        broker = undefined;
        await closeClean(core);
    });

    const begin = async (options: Partial<BrokerOptions> = {}): Promise<ConnectOptions> => {
        broker = await mosquitto({ identity: pki.ec, ...options });
        const { host, rootPem } = options.identity ?? pki.ec;
        return { host, port: broker.port, ca: rootPem };
    };
    const sockets: TLSSocket[] = [];
    const client = (to: ConnectOptions, options: IClientOptions = {}): MqttClient => {
        const build = (): Duplex => {
            const socket = core.tls.connect(to);
            sockets.push(socket);
            return toDuplex(socket) as Duplex;
        };
        const made = new MqttClient(build, { reconnectPeriod: 0, connectTimeout: 10_000, ...options });
        clients.push(made);
        return made;
    };
    /** Resolves when connected; rejects with the first error. */
    const connected = (made: MqttClient): Promise<void> =>
        new Promise((resolve, reject) => {
            made.once("connect", () => resolve());
            made.once("error", reject);
        });

    for (const version of ["1.2", "1.3"] as const) {
        it(`${MESSAGES} messages each way, TLS ${version}`, async () => {
            const to = { ...(await begin()), minVersion: `TLSv${version}`, maxVersion: `TLSv${version}` } as const;
            const [here, there] = [client(to), client(to)];
            await Promise.all([connected(here), connected(there)]);
            assert.equal(sockets.at(-1)?.getProtocol(), `TLSv${version}`);
            assert.equal(sockets.at(-1)?.authorized, true);
            /** Resolves with what came on a topic, when all is there. */
            const collect = (by: MqttClient): Promise<string[]> =>
                new Promise((resolve) => {
                    const found: string[] = [];
                    by.on("message", (_, payload) => {
                        found.push(payload.toString());
                        if (found.length === MESSAGES) resolve(found);
                    });
                });
            const results = [collect(here), collect(there)];
            await Promise.all([here.subscribeAsync("down", { qos: 1 }), there.subscribeAsync("up", { qos: 1 })]);
            const text = (way: string, index: number): string => `${way} ${index} ${"x".repeat(index % 300)}`;
            for (let index = 0; index < MESSAGES; index += 1) {
                here.publish("up", text("up", index), { qos: 1 });
                there.publish("down", text("down", index), { qos: 1 });
            }
            const [down, up] = await Promise.all(results);
            const sent = (way: string): string[] => Array.from({ length: MESSAGES }, (_, index) => text(way, index));
            assert.deepEqual(up, sent("up"));
            assert.deepEqual(down, sent("down"));
        });
    }

    it("one message of 100,000 bytes, byte by byte the same", async () => {
        const made = client(await begin({ identity: pki.rsa }));
        await connected(made);
        const sent = Buffer.from(Array.from({ length: 100_000 }, (_, index) => (index * index) & 255));
        await made.subscribeAsync("big");
        const came = new Promise<Buffer>((resolve) => made.once("message", (_, payload) => resolve(payload)));
        made.publish("big", sent);
        assert.ok(sent.equals(await came));
    });

    it("user and password: the right ones, wrong ones, none", async () => {
        const to = await begin({ login: LOGIN });
        const [username, password] = LOGIN;
        await connected(client(to, { username, password }));
        const refused = /Not authorized/;
        await assert.rejects(connected(client(to, { username, password: "guess" })), refused);
        await assert.rejects(connected(client(to)), refused);
    });

    for (const [kind, version] of [["ec", "1.2"], ["rsa", "1.2"], ["ec", "1.3"], ["rsa", "1.3"]] as const) {
        it(`client certificate, ${kind}, TLS ${version}; none and another's are refused`, async () => {
            const { ec, rsa, unknownIssuer } = pki.clients;
            const { chainPem: cert, keyPem: key, rootFile } = kind === "ec" ? ec : rsa;
            const only = `TLSv${version}` as const;
            const to = { ...(await begin({ clientRootFile: rootFile })), minVersion: only, maxVersion: only };
            const made = client({ ...to, cert, key });
            await connected(made);
            await made.subscribeAsync("t");
            const came = new Promise<string>((resolve) => made.once("message", (_, payload) => resolve(payload.toString())));
            made.publish("t", "hello");
            assert.equal(await came, "hello");
            const alert = { code: /^ETLS_ALERT_(HANDSHAKE_FAILURE|CERTIFICATE_REQUIRED)$/ };
            await assert.rejects(connected(client(to)), alert);
            // It closes at once, and the alert may be lost with what it has not read.
            const untrusted = { code: /^ETLS_(ALERT_UNKNOWN_CA|TRANSPORT)$/ };
            const other = { cert: unknownIssuer.chainPem, key: unknownIssuer.keyPem };
            await assert.rejects(connected(client({ ...to, ...other })), untrusted);
            await assert.rejects(connected(client({ ...to, cert, key: other.key })), { code: "ETLS_KEY_MISMATCH" });
        });
    }

    it("the wrong CA and the wrong name are refused before anything of MQTT is sent", async () => {
        const to = await begin({ login: LOGIN });
        const login = { username: LOGIN[0], password: LOGIN[1] };
        const wrong: [ConnectOptions, string][] = [
            [{ ...to, ca: pki.rsa.rootPem }, "ETLS_CERT_UNKNOWN_ISSUER"],
            [{ ...to, servername: "broker.example.org" }, "ETLS_CERT_NAME_MISMATCH"],
        ];
        for (const [options, code] of wrong) {
            await assert.rejects(connected(client(options, login)), { code });
            assert.equal(sockets.at(-1)?.bytesWritten, 0);
        }
        assert.doesNotMatch(broker!.output(), /New client connected/);
        await connected(client(to, login));
        await until(() => /New client connected/.test(broker!.output()));
        assert.match(broker!.output(), /New client connected/);
    });

    it("expired and self-signed brokers are refused", async () => {
        for (const [identity, code] of [[pki.bad.expired, "ETLS_CERT_EXPIRED"], [pki.bad.selfSigned, "ETLS_CERT_SELF_SIGNED"]] as const) {
            await assert.rejects(connected(client(await begin({ identity }))), { code });
            await broker?.close();
        }
    });

    it("reconnects when the connection is lost", async () => {
        const made = client(await begin(), { reconnectPeriod: 50 });
        await connected(made);
        await made.subscribeAsync("t");
        const again = new Promise<void>((resolve) => made.once("connect", () => resolve()));
        sockets.at(-1)?.destroy();
        await again;
        const came = new Promise<string>((resolve) => made.once("message", (_, payload) => resolve(payload.toString())));
        made.publish("t", "back");
        assert.equal(await came, "back");
    });

    for (const version of ["TLSv1.2", "TLSv1.3"] as const) {
        for (const withCertificate of [false, true]) {
            const what = `${version}${withCertificate ? ", with a client certificate" : ""}`;
            it(`reconnects with a resumed session, without a signature: ${what}`, async () => {
                const { chainPem: cert, keyPem: key, rootFile } = pki.clients.ec;
                const own = withCertificate ? { cert, key } : {};
                const to = await begin(withCertificate ? { clientRootFile: rootFile } : {});
                let session: string | undefined;
                /** Connects as a program does that keeps the latest session, and tells how it went. */
                const tell = async (made: MqttClient): Promise<[boolean | undefined, number]> => {
                    core.tls.resetMemory();
                    await new Promise((resolve, reject) => void made.once("connect", resolve).once("error", reject));
                    const { signatures } = core.memory();
                    await made.subscribeAsync("t");
                    const came = new Promise<string>((resolve) => made.once("message", (_, payload) => resolve(payload.toString())));
                    made.publish("t", "hello");
                    assert.equal(await came, "hello");
                    return [sockets.at(-1)?.isSessionReused(), signatures];
                };
                const build = (): Duplex => {
                    const only = { minVersion: version, maxVersion: version };
                    const socket = core.tls.connect({ ...to, ...own, ...only, ...(session ? { session } : {}) });
                    socket.on("session", (saved) => (session = saved));
                    sockets.push(socket);
                    return toDuplex(socket) as Duplex;
                };
                const made = new MqttClient(build, { reconnectPeriod: 20, connectTimeout: 10_000 });
                clients.push(made);
                assert.deepEqual(await tell(made), [false, withCertificate ? 4 : 3]);
                for (let i = 0; i < 3; i += 1) {
                    sockets.at(-1)?.destroy();
                    assert.deepEqual(await tell(made), [true, 0]);
                }
            });
        }
    }

    it("a broker that was started anew has forgotten the session: a full handshake", async () => {
        const to = await begin();
        let session: string | undefined;
        const visit = async (more: ConnectOptions): Promise<TLSSocket | undefined> => {
            const made = client({ ...to, ...more, port: broker?.port ?? 0 });
            sockets.at(-1)?.on("session", (saved) => (session = saved));
            await connected(made);
            await made.endAsync();
            return sockets.at(-1);
        };
        assert.equal((await visit({}))?.isSessionReused(), false);
        assert.equal((await visit({ session }))?.isSessionReused(), true);
        await broker?.close();
        await begin();
        const anew = await visit({ session });
        assert.deepEqual([anew?.isSessionReused(), anew?.authorized, anew?.sessionRefused], [false, true, undefined]);
    });
});
