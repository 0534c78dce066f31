package dev.fluxion.ffi;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** How much more the process may map. */
final class AddressSpace {
    private AddressSpace() {}

    /** The bytes left under the limit of the process; no limit where the system does not tell, which only Linux does. */
    static long left() {
        try {
            String limit = field(Path.of("/proc/self/limits"), "Max address space");
            return limit.startsWith("unlimited")
                    ? Long.MAX_VALUE
                    : number(limit) - 1024 * number(field(Path.of("/proc/self/status"), "VmSize:"));
        } catch (IOException | NumberFormatException e) {
            return Long.MAX_VALUE;
        }
    }

    private static String field(Path file, String name) throws IOException {
        for (String line : Files.readAllLines(file)) {
            if (line.startsWith(name)) {
                return line.substring(name.length()).strip();
            }
        }
        return "unlimited";
    }

    private static long number(String text) {
        return Long.parseLong(text.split("\\s", 2)[0]);
    }
}
