package dev.fluxion.examples;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.function.IntSupplier;

/** What a program did: its exit code and what it wrote. Real data sets are hidden from it unless it is told of them. */
public record Captured(int code, String out, String err) {
    private static final String DATA = "fluxion.data";

    public static Captured of(IntSupplier program) {
        PrintStream out = System.out;
        PrintStream err = System.err;
        String data = System.clearProperty(DATA);
        ByteArrayOutputStream written = new ByteArrayOutputStream();
        ByteArrayOutputStream complaints = new ByteArrayOutputStream();
        try {
            System.setOut(new PrintStream(written, true, StandardCharsets.UTF_8));
            System.setErr(new PrintStream(complaints, true, StandardCharsets.UTF_8));
            int code = program.getAsInt();
            return new Captured(
                    code, written.toString(StandardCharsets.UTF_8), complaints.toString(StandardCharsets.UTF_8));
        } finally {
            System.setOut(out);
            System.setErr(err);
            if (data != null) {
                System.setProperty(DATA, data);
            }
        }
    }

    public static Captured of(Runnable program) {
        return of(() -> {
            program.run();
            return 0;
        });
    }
}
