package dev.fluxion.serving.grpc;

import dev.fluxion.serving.protocol.Settings;
import java.time.Duration;

/**
 * What a server takes of its clients: {@code GrpcLimits.defaults().message(1 << 20)}.
 *
 * @param message how many bytes the message of a request has at most, as it comes and unfolded
 * @param messages how many bytes the messages of all calls have together that are not over
 * @param header how many bytes the headers of a call have at most
 * @param connections how many connections are open at one time; calls of 64 more are refused for a second, others are closed
 * @param calls how many calls of a connection are answered at one time; clients keep others back
 * @param call how long a call takes at most, from its beginning until its answer is fetched
 * @param idle how long a connection is open without a call
 * @param keepAlive after how long a silent connection is asked for a sign; without one within 20 s, it is closed
 * @param drain how long closing the server waits for answers
 */
public record GrpcLimits(
        int message,
        long messages,
        int header,
        int connections,
        int calls,
        Duration call,
        Duration idle,
        Duration keepAlive,
        Duration drain) {
    private static final String LIMITS = "GrpcLimits";
    private static final int LEAST_HEADER = 256;
    private static final int MOST_HEADER = 1 << 20;

    /** Checks the numbers. */
    public GrpcLimits {
        Settings.requireWithin(LIMITS, "message", 1, 1 << 30, message);
        Settings.requireWithin(LIMITS, "messages", message, Long.MAX_VALUE, messages);
        Settings.requireWithin(LIMITS, "header", LEAST_HEADER, MOST_HEADER, header);
        Settings.requireWithin(LIMITS, "connections", 1, Integer.MAX_VALUE, connections);
        Settings.requireWithin(LIMITS, "calls", 1, 1 << 16, calls);
        Settings.requirePositive(LIMITS, "call", call);
        Settings.requirePositive(LIMITS, "idle", idle);
        Settings.requirePositive(LIMITS, "keepAlive", keepAlive);
        Settings.requirePositive(LIMITS, "drain", drain);
    }

    /**
     * Messages of 16 MiB, 256 MiB of all together; 16 KiB of headers; 1,024 connections of 128 calls; 60 s for a call, 5 min without
     * one; a sign of life each 60 s; 30 s for closing.
     */
    public static GrpcLimits defaults() {
        return new GrpcLimits(
                16 << 20,
                256L << 20,
                16 << 10,
                1024,
                128,
                Duration.ofSeconds(60),
                Duration.ofMinutes(5),
                Duration.ofSeconds(60),
                Duration.ofSeconds(30));
    }

    /** Another number of bytes of a message, from 1 to 2³⁰. */
    public GrpcLimits message(int bytes) {
        return new GrpcLimits(
                bytes, Math.max(bytes, messages), header, connections, calls, call, idle, keepAlive, drain);
    }

    /** Another number of bytes of all messages, at least that of one. */
    public GrpcLimits messages(long bytes) {
        return new GrpcLimits(message, bytes, header, connections, calls, call, idle, keepAlive, drain);
    }

    /** Another number of bytes of the headers, from 256 to 2²⁰. */
    public GrpcLimits header(int bytes) {
        return new GrpcLimits(message, messages, bytes, connections, calls, call, idle, keepAlive, drain);
    }

    /** Another number of connections. */
    public GrpcLimits connections(int count) {
        return new GrpcLimits(message, messages, header, count, calls, call, idle, keepAlive, drain);
    }

    /** Another number of calls of a connection, from 1 to 65,536. */
    public GrpcLimits calls(int count) {
        return new GrpcLimits(message, messages, header, connections, count, call, idle, keepAlive, drain);
    }

    /** Another time for a call. */
    public GrpcLimits call(Duration time) {
        return new GrpcLimits(message, messages, header, connections, calls, time, idle, keepAlive, drain);
    }

    /** Another time without a call. */
    public GrpcLimits idle(Duration time) {
        return new GrpcLimits(message, messages, header, connections, calls, call, time, keepAlive, drain);
    }

    /** Another time of silence until a sign of life is asked for. */
    public GrpcLimits keepAlive(Duration time) {
        return new GrpcLimits(message, messages, header, connections, calls, call, idle, time, drain);
    }

    /** Another time for closing. */
    public GrpcLimits drain(Duration time) {
        return new GrpcLimits(message, messages, header, connections, calls, call, idle, keepAlive, time);
    }
}
