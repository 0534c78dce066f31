package dev.fluxion.serving.http;

import io.netty.handler.codec.http.QueryStringDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Takes paths apart. */
final class Paths {
    private Paths() {}

    /** The parts between slashes, decoded; what follows a question mark does not count. */
    static List<String> parts(String uri) {
        String raw = new QueryStringDecoder(uri, StandardCharsets.UTF_8, true).rawPath();
        List<String> parts = new ArrayList<>();
        try {
            for (String part : raw.split("/")) {
                if (!part.isEmpty()) {
                    parts.add(QueryStringDecoder.decodeComponent(part.replace("+", "%2B")));
                }
            }
        } catch (IllegalArgumentException e) {
            throw Errors.badPath();
        }
        return parts;
    }
}
