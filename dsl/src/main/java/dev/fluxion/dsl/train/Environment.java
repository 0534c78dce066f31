package dev.fluxion.dsl.train;

import dev.fluxion.engine.Compiler;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;

/** The machine and the software that a training runs on, as texts. */
final class Environment {
    private static final Path PROCESSORS = Path.of("/proc/cpuinfo");
    private static final String MODEL = "model name";

    private Environment() {}

    static Map<String, String> texts() {
        Map<String, String> texts = new LinkedHashMap<>();
        texts.put("environment.java", String.valueOf(Runtime.version()));
        texts.put("environment.jvm", property("java.vm.name") + ", " + property("java.vm.vendor"));
        texts.put("environment.system", property("os.name") + " " + property("os.version") + " " + property("os.arch"));
        texts.put("environment.processor", processor());
        texts.put("environment.cores", Integer.toString(Runtime.getRuntime().availableProcessors()));
        Compiler.libraries().forEach((name, text) -> texts.put("environment." + name, text));
        return texts;
    }

    private static String property(String name) {
        return System.getProperty(name, "");
    }

    /** The name of the processor where the system tells it, else its architecture. */
    private static String processor() {
        try (Stream<String> lines = Files.lines(PROCESSORS)) {
            return lines.filter(line -> line.startsWith(MODEL))
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .findFirst()
                    .orElse(property("os.arch"));
        } catch (IOException | java.io.UncheckedIOException e) {
            return property("os.arch");
        }
    }
}
