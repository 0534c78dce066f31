package dev.fluxion.serving.spring;

import dev.fluxion.serving.Models;
import dev.fluxion.serving.Status;
import java.util.Map;
import java.util.TreeMap;

/**
 * The health of the models.
 *
 * @param status UP, OUT_OF_SERVICE while requests are refused, or DOWN if threads have ended that serve
 * @param details each version, how many of a hundred requests go to it, and the native memory that it holds
 */
record ModelHealth(String status, Map<String, Object> details) {
    static ModelHealth of(Models models) {
        Status status = models.status();
        Map<String, Object> details = new TreeMap<>();
        for (Models.Loaded loaded : models.list()) {
            details.put(
                    loaded.name() + " " + loaded.version(),
                    Map.of("percent", loaded.percent(), "bytes", loaded.bytes()));
        }
        String code = !status.live() ? "DOWN" : status.ready() ? "UP" : "OUT_OF_SERVICE";
        return new ModelHealth(code, details);
    }
}
