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

    /** Without the server, which requests for a proxy name. Bytes that are not encoded are those of UTF-8. */
    private static String path(String uri) {
        String text = new String(uri.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
        return text.startsWith("/") ? text : text.replaceFirst("^[A-Za-z][A-Za-z0-9+.-]*://[^/?]*", "");
    }

    private static List<String> split(String uri) {
        String raw = new QueryStringDecoder(path(uri), StandardCharsets.UTF_8, true).rawPath();
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
