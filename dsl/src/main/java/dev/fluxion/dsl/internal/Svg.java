package dev.fluxion.dsl.internal;

/** Texts in SVG files. */
public final class Svg {
    private Svg() {}

    /** A text with the signs replaced that mean something in XML. */
    public static String escape(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }
}
