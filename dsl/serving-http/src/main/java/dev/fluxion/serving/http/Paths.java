package dev.fluxion.serving.http;

import io.netty.handler.codec.http.QueryStringDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Takes the paths of a connection apart, most of which are that of the request before. */
final class Paths {
    private String last = "";
    private List<String> ofLast = List.of();

    /** The parts between slashes, decoded; what follows a question mark does not count. */
    List<String> parts(String uri) {
        if (!uri.equals(last)) {
            ofLast = split(uri);
            last = uri;
        }
        return ofLast;
    }

    private static List<String> split(String uri) {
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
        return List.copyOf(parts);
    }
}
