package dev.fluxion.io;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/** Other files that people have weights in, told from their first bytes, with what to do about them. */
enum ForeignFormat {
    TORCH_ZIP("PK\3\4", "/data.pkl", Errors.torchFile()),
    NUMPY_ZIP("PK\3\4", ".npy", Errors.numpyFile("an npz archive of NumPy arrays")),
    ZIP("PK\3\4", "", Errors.pickle("a zip archive, as PyTorch (.pth, .pt), NumPy (.npz) and Keras write it")),
    PICKLE_2("\u0080\2", "", Errors.pickle("a pickle, as PyTorch (.pth, .pt) wrote it before version 1.6")),
    PICKLE_3("\u0080\3", "", Errors.pickle("a pickle")),
    PICKLE_4("\u0080\4", "", Errors.pickle("a pickle")),
    PICKLE_5("\u0080\5", "", Errors.pickle("a pickle")),
    HDF5("\u0089HDF\r\n\32\n", "", Errors.kerasFile()),
    GGUF("GGUF", "", Errors.ggufFile()),
    NUMPY("\u0093NUMPY", "", Errors.numpyFile("a NumPy array")),
    GZIP("\37\u008b", "", Errors.gzipFile()),
    LFS("version https://git-lfs", "", Errors.lfsPointer()),
    HTML("<", "", Errors.webPage()),
    JSON("{", "", Errors.jsonFile());

    /** How many bytes are enough to tell. */
    static final int BYTES = 256;

    private final String begin;
    private final String within;
    private final String message;

    ForeignFormat(String begin, String within, String message) {
        this.begin = begin;
        this.within = within;
        this.message = message;
    }

    /** What a file is that begins with these bytes, and what to do; empty if that is not known. */
    static String of(byte[] first) {
        return find(first).map(f -> f.message).orElse("");
    }

    /** Whether a file that begins with these bytes is a zip archive. */
    static boolean isZip(byte[] first) {
        return find(first).filter(f -> f.begin.equals(ZIP.begin)).isPresent();
    }

    /** Whether a file that begins with these bytes is a zip archive as PyTorch writes it. */
    static boolean isTorch(byte[] first) {
        return find(first).filter(f -> f == TORCH_ZIP).isPresent();
    }

    /** Whether a file that begins with these bytes is a pickle, as PyTorch wrote it before version 1.6. */
    static boolean isPickle(byte[] first) {
        return find(first).filter(f -> f.begin.startsWith("\u0080")).isPresent();
    }

    /**
     * Whether a file begins as a safetensors file does, with the length of its header and a brace; a length may have the first bytes of
     * any other format.
     */
    static boolean isSafeTensors(byte[] first) {
        if (first.length <= Long.BYTES || first[Long.BYTES] != '{') {
            return false;
        }
        long length = ByteBuffer.wrap(first).order(ByteOrder.LITTLE_ENDIAN).getLong();
        return length >= Header.LEAST_BYTES && length <= Header.MOST_BYTES;
    }

    private static Optional<ForeignFormat> find(byte[] first) {
        if (isSafeTensors(first)) {
            return Optional.empty();
        }
        String text = new String(first, StandardCharsets.ISO_8859_1);
        return Arrays.stream(values())
                .filter(f -> text.startsWith(f.begin) && text.contains(f.within))
                .findFirst();
    }
}
