// SPDX-License-Identifier: Apache-2.0
/* global addToLibrary, mergeInto, LibraryManager, Module, HEAPU8 */
// The imports of native/ports/wasm/*.c. The loader puts the functions on the module.
mergeInto(LibraryManager.library, {
    etls_host_source: function (index, number) {
        return Module["etlsSource"](index, number);
    },
    etls_host_source_name: function (index, out, size) {
        var name = Module["etlsSourceName"](index);
        for (var at = 0; at < size; at += 1) {
            HEAPU8[out + at] = at < size - 1 && at < name.length ? name.charCodeAt(at) : 0;
        }
    },
    etls_host_poll: function (index, samples, count) {
        return Module["etlsPoll"](index, HEAPU8.subarray(samples, samples + count));
    },
    etls_host_identity: function (out, size) {
        return Module["etlsIdentity"](HEAPU8.subarray(out, out + size));
    },
    etls_host_time: function () {
        return Module["etlsNow"]();
    },
});
