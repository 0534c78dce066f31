package dev.fluxion.data;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Files as CIFAR's version for Python has them, which were written by Python 2. */
final class CifarPickles {
    private CifarPickles() {}

    /** A file of black images, whose first pixel is the number of the image. */
    static byte[] of(String key, int... labels) {
        byte[] pixels = new byte[labels.length * 3072];
        for (int i = 0; i < labels.length; i++) {
            pixels[i * 3072] = (byte) i;
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        text(
                out,
                "\u0080\2}q\1(U\13batch_labelq\2U\25training batch 1 of 5q\3U" + (char) key.length() + key
                        + "q\4]q\5(");
        for (int label : labels) {
            text(out, "K" + (char) label);
        }
        text(
                out,
                "eU\4dataq\6cnumpy.core.multiarray\n_reconstruct\nq\7cnumpy\nndarray\nq\10K\0\u0085q\tU\1b\u0087q\nRq\13(K\1");
        text(
                out,
                "K" + (char) labels.length
                        + "M\0\f\u0086q\fcnumpy\ndtype\nq\rU\2u1q\16K\0K\1\u0087q\17Rq\20(K\3U\1|q\21NNN");
        text(out, "J\u00ff\u00ff\u00ff\u00ffJ\u00ff\u00ff\u00ff\u00ffK\0tq\22b\u0089T");
        out.writeBytes(ByteBuffer.allocate(4)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(pixels.length)
                .array());
        out.writeBytes(pixels);
        text(out, "q\23tq\24bU\tfilenamesq\25]q\26(U\5a.pngq\27eu.");
        return out.toByteArray();
    }

    private static void text(ByteArrayOutputStream out, String text) {
        out.writeBytes(text.getBytes(StandardCharsets.ISO_8859_1));
    }
}
