"""Hints of microcontroller boards on the USB, from vendor and product ids alone.

A hint is never a verdict: an id tells who answers on the cable, which is often a bootloader, a firmware that many
boards share or a chip beside the one that counts, and nothing of flash and memory. So it is a finding of the state
`unknown`, never a device, and says where the board is described. Where nothing is recognised nothing is said.

Every id was looked up on 2026-11-21:
- Arduino: `boards.txt` of ArduinoCore-avr (2026-07-01), ArduinoCore-mbed (2026-05-20), ArduinoCore-renesas (2026-02-27)
- Raspberry Pi: raspberrypi/usb-pid (2026-08-06); `00c0`: ArduinoCore-mbed
- Espressif: `0002` and `1001` esptool (2026-08-20, advanced options); the rest espressif/usb-pids (2026-08-21)
- ST-LINK: stlink-org/stlink, udev rules (2024-10-17); its first generation, DFU, SEGGER, Teensy, CP210x, CH340,
  CH341, FTDI, PL2303: usb.ids (2026-06-10)
- DAPLink and the other CMSIS-DAP debuggers: pyOCD, udev rules (2026-07-21)
- Adafruit: CircuitPython's boards (2026-08-21); `0029` and `002a` Adafruit_nRF52_Bootloader
- Seeed: Seeed's ArduinoCore-samd (2026-05-15), CircuitPython's boards (2026-08-21)
- CH343, CH9102: WCH's Linux driver (ch343ser_linux, 2025-09-08)
"""

from __future__ import annotations

from typing import Iterator, Mapping

from probes.look import usb
from probes.look.watch import Watch

PROBE = "microcontroller"

# Vendor -> (product ids, what answers there, its name in the catalogue of machines or "").
_BOARDS: Mapping[int, tuple[tuple[str, str, str], ...]] = {
    0x2341: (
        ("0001 0043 006a 0243", "Arduino UNO", ""),
        ("0010 0042 0210 0242", "Arduino Mega", ""),
        ("0036 8036", "Arduino Leonardo", ""),
        ("0037 8037 0237 8237", "Arduino Micro", ""),
        ("025b 035b 045b 055b", "Arduino Portenta H7", "arduino-portenta-h7"),
        ("005a", "Arduino Nano 33 BLE or Stella", "arduino-nano-33-ble"),
        ("805a 015a 025a", "Arduino Nano 33 BLE", "arduino-nano-33-ble"),
        ("005e 805e 015e 025e", "Arduino Nano RP2040 Connect", "arduino-nano-rp2040-connect"),
        ("0060", "Arduino Nicla Sense ME", "arduino-nicla-sense-me"),
        ("0065", "Arduino Nicla Voice", ""),
        ("025f 035f 045f 055f", "Arduino Nicla Vision", ""),
        ("0266 0366 0466", "Arduino Giga R1", "arduino-giga-r1"),
        ("0069 0369", "Arduino UNO R4 Minima", ""),
        ("1002 006d", "Arduino UNO R4 WiFi", ""),
        ("0068 0368", "Arduino Portenta C33", ""),
        ("0074 0374", "Arduino Nano R4", ""),
    ),
    0x2A03: (
        ("0043", "Arduino UNO", ""),
        ("0010 0042", "Arduino Mega", ""),
        ("0036 8036", "Arduino Leonardo", ""),
        ("0037 8037", "Arduino Micro", ""),
    ),
    0x2E8A: (
        ("0003", "RP2040 that waits for a program", "raspberry-pi-pico"),
        ("000f", "RP2350 that waits for a program", "raspberry-pi-pico-2"),
        ("0005", "RP2040 or RP2350 with MicroPython", ""),
        ("0009", "RP2040 or RP2350 with a program of the Pico SDK", ""),
        ("000a", "RP2040 with a program of the Pico SDK", "raspberry-pi-pico"),
        ("000b", "Raspberry Pi Pico or Pico 2 with CircuitPython", ""),
        ("00c0", "Raspberry Pi Pico with a program of Arduino", "raspberry-pi-pico"),
    ),
    0x303A: (
        ("0002", "ESP32-S2", ""),
        ("1001", "Espressif chip with a USB port of its own", ""),
        ("7002 7003", "ESP32-S3-DevKitC-1", "esp32-s3-devkitc"),
        ("7004 7005", "ESP32-S3-Box", "esp32-s3-box"),
        ("7012 7013", "ESP32-P4-Function-EV", "esp32-p4-function-ev"),
    ),
    0x0483: (("df11", "STM32 that waits for a program (DFU)", ""),),
    0x16C0: (
        ("0478", "Teensy that waits for a program", ""),
        ("0483 0485 0486", "Teensy", ""),
    ),
    0x239A: (
        ("0029 002a 802a", "Adafruit Feather nRF52840 Express", "feather-nrf52840"),
        ("8026", "Adafruit Feather M4 Express", ""),
        ("8019", "Adafruit Circuit Playground Express", ""),
        ("8046", "Adafruit Circuit Playground Bluefruit", ""),
        ("80f2", "Adafruit Feather RP2040", ""),
        ("80f4 8120", "Raspberry Pi Pico with CircuitPython", "raspberry-pi-pico"),
        ("8162", "Raspberry Pi Pico 2 W with CircuitPython", "raspberry-pi-pico-2"),
    ),
    0x2886: (
        ("002f 802f", "Seeeduino XIAO", ""),
        ("002d 802d", "Seeed Wio Terminal", ""),
        ("0042", "Seeed XIAO RP2040", "xiao-rp2040"),
        ("0058", "Seeed XIAO RP2350", ""),
        ("0045", "Seeed XIAO nRF52840 Sense", ""),
        ("8056", "Seeed XIAO ESP32S3 Sense", "xiao-esp32s3"),
    ),
}
_DEBUGGERS: Mapping[int, tuple[tuple[str, str], ...]] = {
    0x0483: (
        ("3744", "ST-LINK/V1"),
        ("3748", "ST-LINK/V2"),
        ("374a 374b 3752", "ST-LINK/V2-1"),
        ("374d 374e 374f 3753 3754 3757", "STLINK-V3"),
    ),
    0x1366: (("0101 1015", "J-Link"),),
    0x0D28: (("0204", "DAPLink, as on the micro:bit"),),
    0x1FC9: (("0090", "LPC-Link2"), ("0143", "MCU-Link")),
    0x03EB: (("2111", "EDBG"), ("2145", "mEDBG"), ("2175", "nEDBG")),
    0x2E8A: (("0004 000c", "Raspberry Pi Debug Probe"),),
}
_BRIDGES: Mapping[int, tuple[tuple[str, str], ...]] = {
    0x10C4: (("ea60 ea70 ea71", "CP210x"),),
    0x1A86: (("5523 7522 7523", "CH340 or CH341"), ("55d3", "CH343"), ("55d4", "CH9102")),
    0x0403: (("6001 6010 6011 6014 6015", "FTDI"),),
    0x067B: (("2303 23a3", "PL2303"),),
}


def _told() -> Iterator[tuple[tuple[int, int], str]]:
    for vendor, boards in _BOARDS.items():
        for products, name, machine in boards:
            where = f"compare catalogue:{machine}, or describe it by hand" if machine else "describe it by hand"
            for product in products.split():
                yield (vendor, int(product, 16)), f"board_hint: {name}, by its USB ids alone; {where}"
    for vendor, parts in _DEBUGGERS.items():
        for products, name in parts:
            for product in products.split():
                yield (vendor, int(product, 16)), f"debugger_hint: {name}, a debugger; most sit on a board"
    for vendor, parts in _BRIDGES.items():
        for products, name in parts:
            reason = f"bridge_hint: {name}, a serial bridge; boards have one, and so have other things"
            for product in products.split():
                yield (vendor, int(product, 16)), reason


HINTS: Mapping[tuple[int, int], str] = dict(_told())


def look(watch: Watch) -> None:
    """Note a hint for each device on the USB that may be a board. On Linux only: elsewhere the bus is not listed."""
    if watch.machine.system != "Linux":
        return
    for device in usb.inventory(watch.machine.root) or ():
        reason = HINTS.get((device.vendor, device.product))
        if reason is not None:
            watch.note("present", "unknown", reason, usb.PATH, device.ids)
