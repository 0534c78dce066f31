package dev.fluxion.dsl.train;

import static net.bytebuddy.matcher.ElementMatchers.isNative;
import static net.bytebuddy.matcher.ElementMatchers.nameStartsWith;

import java.io.IOException;
import java.io.OutputStream;
import java.lang.instrument.Instrumentation;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import net.bytebuddy.agent.builder.AgentBuilder;
import net.bytebuddy.implementation.MethodCall;
import net.bytebuddy.implementation.SuperMethodCall;

/**
 * A Java agent that counts the calls of native methods of the library's bindings that the main thread makes: each native method is
 * renamed, and a Java method of its name counts and calls it.
 */
public final class NativeCalls {
    private static final String BINDINGS = "org.bytedeco.";
    private static final Thread MAIN = Thread.currentThread();
    private static final AtomicLong COUNT = new AtomicLong();

    private NativeCalls() {}

    /** What the virtual machine calls before the main method. */
    public static void premain(String arguments, Instrumentation instrumentation) throws NoSuchMethodException {
        Method called = NativeCalls.class.getMethod("called");
        new AgentBuilder.Default()
                .enableNativeMethodPrefix("counted_")
                .type(nameStartsWith(BINDINGS))
                .transform((builder, type, loader, module, domain) -> builder.method(isNative())
                        .intercept(MethodCall.invoke(called).andThen(SuperMethodCall.INSTANCE)))
                .installOn(instrumentation);
    }

    /** Counts, unless another thread frees what was forgotten, which happens at any time; the bindings call it. */
    public static void called() {
        if (Thread.currentThread() == MAIN) {
            COUNT.incrementAndGet();
        }
    }

    /** How many native methods were called so far. */
    static long count() {
        return COUNT.get();
    }

    /** Writes the jar that {@code -javaagent} wants; the class itself comes from the class path. */
    static void write(Path jar) throws IOException {
        Manifest manifest = new Manifest();
        Attributes attributes = manifest.getMainAttributes();
        attributes.put(Attributes.Name.MANIFEST_VERSION, "1.0");
        attributes.putValue("Premain-Class", NativeCalls.class.getName());
        attributes.putValue("Can-Set-Native-Method-Prefix", "true");
        try (OutputStream out = Files.newOutputStream(jar)) {
            new JarOutputStream(out, manifest).close();
        }
    }
}
