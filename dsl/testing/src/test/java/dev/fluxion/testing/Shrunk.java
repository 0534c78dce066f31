package dev.fluxion.testing;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/** Runs a property that fails, as a build does, and tells what it failed with in the end. */
final class Shrunk {
    private Shrunk() {}

    /** The message of the failure of the smallest sample; empty if the property passed. */
    static String message(Class<?> container, String method) {
        List<String> messages = new ArrayList<>();
        var request = LauncherDiscoveryRequestBuilder.request()
                .selectors(selectMethod(
                        container,
                        Arrays.stream(container.getDeclaredMethods())
                                .filter(m -> m.getName().equals(method))
                                .findFirst()
                                .orElseThrow()))
                .configurationParameter("jqwik.database", "")
                .configurationParameter("jqwik.reporting.onlyfailures", "true")
                .build();
        LauncherFactory.create().execute(request, new TestExecutionListener() {
            @Override
            public void executionFinished(TestIdentifier test, TestExecutionResult result) {
                result.getThrowable().ifPresent(t -> messages.add(t.getMessage()));
            }
        });
        return String.join("\n", messages);
    }
}
