package dev.fluxion.ffi;

import java.util.Map;
import java.util.Optional;
import org.bytedeco.dnnl.global.dnnl;

/** The blocked layouts of images and weights, by the names that the library gives them. */
final class Tags {
    private static final Map<String, Integer> CODES = Map.ofEntries(
            Map.entry("aBcd4b", dnnl.dnnl_aBcd4b),
            Map.entry("aBcd8b", dnnl.dnnl_aBcd8b),
            Map.entry("aBcd16b", dnnl.dnnl_aBcd16b),
            Map.entry("Abcde8a", dnnl.dnnl_Abcde8a),
            Map.entry("Abcde16a", dnnl.dnnl_Abcde16a),
            Map.entry("Acdb4a", dnnl.dnnl_Acdb4a),
            Map.entry("Acdb8a", dnnl.dnnl_Acdb8a),
            Map.entry("Acdb16a", dnnl.dnnl_Acdb16a),
            Map.entry("Acdb24a", dnnl.dnnl_Acdb24a),
            Map.entry("Acdb32a", dnnl.dnnl_Acdb32a),
            Map.entry("Acdb48a", dnnl.dnnl_Acdb48a),
            Map.entry("Acdb64a", dnnl.dnnl_Acdb64a),
            Map.entry("ABcd4b4a", dnnl.dnnl_ABcd4b4a),
            Map.entry("ABcd8b8a", dnnl.dnnl_ABcd8b8a),
            Map.entry("ABcd16b16a", dnnl.dnnl_ABcd16b16a),
            Map.entry("ABcd8a8b", dnnl.dnnl_ABcd8a8b),
            Map.entry("ABcd16a16b", dnnl.dnnl_ABcd16a16b));

    private Tags() {}

    /** The library's number for a layout; empty if convolutions like it neither for images nor for weights. */
    static Optional<Integer> code(String tag) {
        return Optional.ofNullable(CODES.get(tag));
    }
}
