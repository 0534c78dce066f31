package dev.fluxion.io;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads the pickle of a PyTorch file. Nothing that a pickle says is run: a few opcodes make numbers, texts, lists and
 * dictionaries, and the classes and functions that {@link TorchGlobal} lists make tensors. Everything else is refused.
 */
final class Pickle {
    static final int MOST_BYTES = 1 << 25;
    private static final int MOST_VALUES = 1 << 22;
    private static final int LONGEST_NAME = 1000;

    /** Python's None. */
    enum Nothing {
        NONE
    }

    /** A list that cannot be changed. */
    record Tuple(List<Object> items) {}

    private final PickleBytes in;
    private final List<Object> stack = new ArrayList<>();
    private final Deque<Integer> marks = new ArrayDeque<>();
    private final Map<Long, Object> memo = new HashMap<>();
    private final TorchGlobal.Making making;
    private int values;

    private Pickle(PickleBytes in) {
        this.in = in;
        this.making = new TorchGlobal.Making(in);
    }

    /** The one value of a pickle: a text, a number, a list, a map, a tensor, or one of these marked as special. */
    static Object read(PickleBytes in) throws IOException {
        if (in.unsignedByte() != 0x80) {
            throw in.bad(TorchErrors.expected("a protocol"));
        }
        int protocol = in.unsignedByte();
        if (protocol < 2 || protocol > 5) {
            throw in.bad(TorchErrors.protocol(protocol));
        }
        Pickle pickle = new Pickle(in);
        for (int code = in.unsignedByte(); code != '.'; code = in.unsignedByte()) {
            pickle.run(code);
        }
        if (in.hasMore()) {
            throw in.bad(TorchErrors.afterStop());
        }
        return pickle.pop();
    }

    private void run(int code) throws IOException {
        switch (code) {
            case 0x95 -> in.skip(Long.BYTES);
            case 'N' -> push(Nothing.NONE);
            case 0x88 -> push(true);
            case 0x89 -> push(false);
            case 'J' -> push((long) in.signedInt());
            case 'K' -> push((long) in.unsignedByte());
            case 'M' -> push((long) in.unsignedShort());
            case 0x8a -> push(in.integer(in.unsignedByte()));
            case 'G' -> push(in.number());
            case 'X' -> push(in.text(in.unsignedInt()));
            case 0x8c -> push(in.text(in.unsignedByte()));
            case '}' -> push(new LinkedHashMap<>());
            case ']' -> push(new ArrayList<>());
            case ')' -> push(new Tuple(List.of()));
            case '(' -> marks.push(stack.size());
            case 't' -> push(new Tuple(popToMark()));
            case 0x85 -> push(new Tuple(pop(1)));
            case 0x86 -> push(new Tuple(pop(2)));
            case 0x87 -> push(new Tuple(pop(3)));
            case 'a' -> append(pop(1));
            case 'e' -> append(popToMark());
            case 's' -> put(pop(2));
            case 'u' -> put(popToMark());
            case 'h' -> push(kept(in.unsignedByte()));
            case 'j' -> push(kept(in.unsignedInt()));
            case 'q' -> memo.put((long) in.unsignedByte(), peek());
            case 'r' -> memo.put(in.unsignedInt(), peek());
            case 0x94 -> memo.put((long) memo.size(), peek());
            case 'c' -> push(making.global(in.line(LONGEST_NAME), in.line(LONGEST_NAME)));
            case 0x93 -> {
                List<Object> names = pop(2);
                push(making.global(making.as(String.class, names.get(0)), making.as(String.class, names.get(1))));
            }
            case 'Q' -> push(making.storage(making.as(Tuple.class, pop())));
            case 'R' -> {
                List<Object> call = pop(2);
                push(making.call(call.get(0), making.as(Tuple.class, call.get(1))));
            }
            case 'b' -> {
                // The attributes of a dictionary, such as a state dict's _metadata, say nothing of its tensors.
                pop();
                making.as(Map.class, peek());
            }
            default -> throw in.bad(TorchErrors.opcode(code));
        }
    }

    private void push(Object value) throws IOException {
        values++;
        if (values > MOST_VALUES) {
            throw in.refused(TorchErrors.tooManyValues(MOST_VALUES));
        }
        stack.add(value);
    }

    private Object peek() throws IOException {
        if (stack.size() <= floor()) {
            throw in.bad(TorchErrors.nothingToTake());
        }
        return stack.get(stack.size() - 1);
    }

    private Object pop() throws IOException {
        Object value = peek();
        stack.remove(stack.size() - 1);
        return value;
    }

    private List<Object> pop(int count) throws IOException {
        return popFrom(Math.max(floor() - 1, stack.size() - count), count);
    }

    private List<Object> popToMark() throws IOException {
        if (marks.isEmpty()) {
            throw in.bad(TorchErrors.noMark());
        }
        int from = marks.pop();
        return popFrom(from, stack.size() - from);
    }

    private List<Object> popFrom(int from, int count) throws IOException {
        if (from < floor() || stack.size() - from < count) {
            throw in.bad(TorchErrors.nothingToTake());
        }
        List<Object> top = stack.subList(from, stack.size());
        List<Object> values = List.copyOf(top);
        top.clear();
        return values;
    }

    private int floor() {
        return marks.isEmpty() ? 0 : marks.peek();
    }

    private Object kept(long index) throws IOException {
        Object value = memo.get(index);
        if (value == null) {
            throw in.bad(TorchErrors.noMemo(index));
        }
        return value;
    }

    @SuppressWarnings("unchecked")
    private void append(List<Object> items) throws IOException {
        making.as(List.class, peek()).addAll(items);
    }

    @SuppressWarnings("unchecked")
    private void put(List<Object> items) throws IOException {
        Map<Object, Object> map = making.as(Map.class, peek());
        if (items.size() % 2 != 0) {
            throw in.bad(TorchErrors.nothingToTake());
        }
        for (int i = 0; i < items.size(); i += 2) {
            Object key = items.get(i);
            if (!(key instanceof String || key instanceof Number || key instanceof Boolean || key == Nothing.NONE)) {
                throw in.bad(TorchErrors.expected("a text or a number as a key"));
            }
            map.put(key, items.get(i + 1));
        }
    }
}
