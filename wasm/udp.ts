// SPDX-License-Identifier: Apache-2.0
/**
 * Time servers over Node's UDP.
 *
 * @module
 */
import { createSocket } from "node:dgram";
import { lookup } from "node:dns";
import type { SntpHost } from "../modules/sntp.ts";

/** How Node reaches a time server. */
export const nodeSntp: Pick<SntpHost, "open"> = {
    open(to, received, failed) {
        let closed = false;
        let end = (): void => undefined;
        const waiting: string[] = [];
        let send = (data: string): void => void waiting.push(data);
        lookup(to.host, (error, address, family) => {
            if (closed) return;
            if (error) return failed(error);
            const socket = createSocket(family === 6 ? "udp6" : "udp4");
            end = () => void socket.close();
            socket.on("error", failed);
            socket.on("message", received);
            // Connected: answers of others are not even seen.
            socket.connect(to.port, address, () => {
                if (closed) return;
                send = (data) => void socket.send(Buffer.from(data, "latin1"));
                waiting.forEach(send);
            });
        });
        return {
            send: (data) => send(data),
            close() {
                if (closed) return;
                closed = true;
                end();
            },
        };
    },
};
