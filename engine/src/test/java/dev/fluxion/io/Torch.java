package dev.fluxion.io;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** PyTorch files, recorded or made by hand. */
final class Torch {
    /** The pickle of a dictionary w of two numbers in storage 0; parts of it can be replaced. */
    static final String PICKLE =
            "\u0080\2}X\1\0\0\0w" + tensor("FloatStorage", "0", "K\2", "K\0K\2\u0085K\1\u0085") + "s.";

    private Torch() {}

    static Path recorded(String name) {
        return Path.of("src/test/resources/dev/fluxion/io", name);
    }

    static String tensor(String storage, String key, String elements, String view) {
        return "ctorch._utils\n_rebuild_tensor_v2\n((X\7\0\0\0storagectorch\n" + storage + "\nX" + (char) key.length()
                + "\0\0\0" + key + "X\3\0\0\0cpu" + elements + "tQ" + view + "\u0089NtR";
    }

    /** The entries of an archive: a pickle and a storage. */
    static Map<String, byte[]> entries(String pickle, int storageBytes) {
        Map<String, byte[]> entries = new LinkedHashMap<>();
        entries.put("a/data.pkl", pickle.getBytes(StandardCharsets.ISO_8859_1));
        entries.put("a/data/0", new byte[storageBytes]);
        return entries;
    }

    static byte[] zip(Map<String, byte[]> entries, int method) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(out)) {
            for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
                ZipEntry head = new ZipEntry(entry.getKey());
                CRC32 sum = new CRC32();
                sum.update(entry.getValue());
                head.setMethod(method);
                head.setSize(entry.getValue().length);
                head.setCrc(sum.getValue());
                zip.putNextEntry(head);
                zip.write(entry.getValue());
            }
        }
        return out.toByteArray();
    }

    static byte[] file(String pickle) throws IOException {
        return zip(entries(pickle, 8), ZipEntry.STORED);
    }
}
