package dev.fluxion.io;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Files as other libraries write them, made by hand. */
final class Crafted {
    private Crafted() {}

    /** A file of a header, in which ' stands for ", and of data given by bytes. */
    static byte[] file(String header, int... data) {
        byte[] text = header.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
        ByteBuffer out =
                littleEndian(8 + text.length + data.length).putLong(text.length).put(text);
        for (int b : data) {
            out.put((byte) b);
        }
        return out.array();
    }

    /** A file of one tensor w. */
    static byte[] tensor(String type, String shape, byte[] data) {
        String header = "{'w':{'dtype':'" + type + "','shape':" + shape + ",'data_offsets':[0," + data.length + "]}}";
        return file(header, toInts(data));
    }

    static int[] toInts(byte[] data) {
        int[] ints = new int[data.length];
        for (int i = 0; i < data.length; i++) {
            ints[i] = data[i];
        }
        return ints;
    }

    static ByteBuffer littleEndian(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
}
