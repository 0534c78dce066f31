package dev.fluxion.gate;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;

/**
 * Compiled into every module's tests. Writes down each test, class or container that was skipped for another reason than
 * a missing optional data set or a processor of shorter vectors; the build then fails because the file exists. Each of
 * Surefire's processes has a file of its own. (Surefire's own reports do not show a class whose {@code @BeforeAll} gave up.)
 */
public final class SkipGate implements TestExecutionListener {
    private static final List<String> ACCEPTED = List.of("optional data set missing", "processor without vectors");
    private static final String ASSUMPTION = "Assumption failed: ";
    private static final Path FILE = Path.of(System.getProperty("fluxion.skipped", "target/skipped-tests-1.txt"));

    static {
        try {
            Files.deleteIfExists(FILE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void executionSkipped(TestIdentifier test, String reason) {
        judge(test, reason);
    }

    @Override
    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
        if (result.getStatus() == TestExecutionResult.Status.ABORTED) {
            judge(test, result.getThrowable().map(Throwable::getMessage).orElse(null));
        }
    }

    private static void judge(TestIdentifier test, String message) {
        String reason = message == null ? "no reason given" : message.strip();
        if (reason.startsWith(ASSUMPTION)) {
            reason = reason.substring(ASSUMPTION.length());
        }
        if (ACCEPTED.stream().noneMatch(reason::startsWith)) {
            write(test.getUniqueId() + ": " + reason + System.lineSeparator());
        }
    }

    private static synchronized void write(String line) {
        System.err.print("[ERROR] skipped: " + line);
        try {
            Files.createDirectories(FILE.getParent());
            Files.writeString(FILE, line, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
